;; How far a patch is from each of some planes, in whole numbers: the sum of its values, weighted, less an offset.
(module
  (memory (import "arena" "memory") 1)

  ;; $patch    $values values (i16), a multiple of eight
  ;; $weights  as many weights for each plane (i16)
  ;; $offsets  an offset for each plane (i32)
  ;; $to       where the distances (i32) are written, up to $end
  (func (export "distances")
    (param $patch i32) (param $values i32) (param $weights i32) (param $offsets i32) (param $to i32) (param $end i32)
    (local $at i32) (local $last i32) (local $sum v128)
    (local.set $last (i32.add (local.get $patch) (i32.shl (local.get $values) (i32.const 1))))
    (loop $plane
      (local.set $at (local.get $patch))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $eight
        (local.set $sum
          (i32x4.add (local.get $sum)
            (i32x4.dot_i16x8_s (v128.load (local.get $at)) (v128.load (local.get $weights)))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (br_if $eight
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $last))))
      (local.set $sum
        (i32x4.add (local.get $sum)
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sum) (local.get $sum))))
      (i32.store (local.get $to)
        (i32.sub
          (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
          (i32.load (local.get $offsets))))
      (local.set $offsets (i32.add (local.get $offsets) (i32.const 4)))
      (br_if $plane
        (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 4))) (local.get $end))))))
