;; One half of a Gaussian blur: along the rows, written as columns, so that two calls blur both ways. Four pixels at a time.
;;
;; Layout, in bytes:
;;   from     width * height tones (f32), row by row
;;   to       the same, column by column, and room for 3 columns more
;;   row      width + 2 * radius tones and room for 4 more: a row with what is taken to lie beyond its ends
;;   weights  radius + 1 weights (f32): half of a symmetric kernel, from its middle
(module
  (memory (import "arena" "memory") 1)

  (func (export "blurRows")
    (param $from i32) (param $to i32) (param $width i32) (param $height i32)
    (param $row i32) (param $weights i32) (param $radius i32)
    (local $rowBytes i32) (local $columnBytes i32) (local $y i32)
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (local.set $columnBytes (i32.shl (local.get $height) (i32.const 2)))
    (loop $line
      (call $pad (local.get $from) (local.get $row) (local.get $rowBytes) (local.get $radius))
      (call $blurRow
        (i32.add (local.get $to) (i32.shl (local.get $y) (i32.const 2))) (local.get $columnBytes) (local.get $width)
        (i32.add (local.get $row) (i32.shl (local.get $radius) (i32.const 2)))
        (local.get $weights) (local.get $radius))
      (local.set $from (i32.add (local.get $from) (local.get $rowBytes)))
      (br_if $line
        (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $height)))))

  ;; Copies a row, and repeats its first and its last tone beyond its ends.
  (func $pad (param $from i32) (param $row i32) (param $rowBytes i32) (param $radius i32)
    (local $at i32) (local $end i32)
    (local.set $at (local.get $row))
    (local.set $end (i32.add (local.get $row) (i32.shl (local.get $radius) (i32.const 2))))
    (loop $before
      (f32.store (local.get $at) (f32.load (local.get $from)))
      (br_if $before
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (memory.copy (local.get $at) (local.get $from) (local.get $rowBytes))
    (local.set $from (i32.add (local.get $from) (i32.sub (local.get $rowBytes) (i32.const 4))))
    (local.set $at (i32.add (local.get $at) (local.get $rowBytes)))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $radius) (i32.const 2))))
    (loop $after
      (f32.store (local.get $at) (f32.load (local.get $from)))
      (br_if $after
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end)))))

  ;; Blurs the row whose first tone is at $at, and writes it from $to on with $stride bytes from tone to tone.
  (func $blurRow
    (param $to i32) (param $stride i32) (param $width i32) (param $at i32) (param $weights i32) (param $radius i32)
    (local $x i32) (local $k i32) (local $reach i32) (local $sum v128)
    (loop $four
      (local.set $sum (f32x4.mul (v128.load32_splat (local.get $weights)) (v128.load (local.get $at))))
      (local.set $k (i32.const 1))
      (loop $pair
        (local.set $reach (i32.shl (local.get $k) (i32.const 2)))
        (local.set $sum
          (f32x4.add
            (local.get $sum)
            (f32x4.mul
              (v128.load32_splat (i32.add (local.get $weights) (local.get $reach)))
              (f32x4.add
                (v128.load (i32.sub (local.get $at) (local.get $reach)))
                (v128.load (i32.add (local.get $at) (local.get $reach)))))))
        (br_if $pair
          (i32.le_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $radius))))
      (v128.store32_lane 0 (local.get $to) (local.get $sum))
      (v128.store32_lane 1 (local.tee $to (i32.add (local.get $to) (local.get $stride))) (local.get $sum))
      (v128.store32_lane 2 (local.tee $to (i32.add (local.get $to) (local.get $stride))) (local.get $sum))
      (v128.store32_lane 3 (local.tee $to (i32.add (local.get $to) (local.get $stride))) (local.get $sum))
      (local.set $to (i32.add (local.get $to) (local.get $stride)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $four
        (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 4))) (local.get $width))))))
