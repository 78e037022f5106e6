;; The planes of an octave: a Gaussian blur in two halves, along the rows and along the columns, and differences of blurs.
;; Planes are tones (f32), row by row. Sixteen tones at a time: up to 15 more are read and written behind a plane and
;; behind a row, where the next row overwrites them.
(module
  (memory (import "arena" "memory") 1)

  ;; $row     width + 2 * radius tones and room for 15 more: a row with what is taken to lie beyond its ends
  ;; $weights radius + 1 weights (f32): half of a symmetric kernel, from its middle
  (func (export "blurRows")
    (param $from i32) (param $to i32) (param $width i32) (param $height i32)
    (param $row i32) (param $weights i32) (param $radius i32)
    (local $rowBytes i32) (local $reachBytes i32)
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (local.set $reachBytes (i32.shl (local.get $radius) (i32.const 2)))
    (loop $line
      (call $pad (local.get $from) (local.get $row) (local.get $rowBytes) (local.get $radius))
      (call $blurRow
        (i32.add (local.get $row) (local.get $reachBytes)) (local.get $to) (local.get $rowBytes)
        (local.get $weights) (local.get $reachBytes))
      (local.set $from (i32.add (local.get $from) (local.get $rowBytes)))
      (local.set $to (i32.add (local.get $to) (local.get $rowBytes)))
      (br_if $line (local.tee $height (i32.sub (local.get $height) (i32.const 1))))))

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

  (func $blurRow
    (param $at i32) (param $to i32) (param $rowBytes i32) (param $weights i32) (param $reachBytes i32)
    (local $end i32) (local $reach i32) (local $before i32) (local $after i32) (local $weight v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $to) (local.get $rowBytes)))
    (loop $sixteen
      (local.set $weight (v128.load32_splat (local.get $weights)))
      (local.set $a (f32x4.mul (local.get $weight) (v128.load (local.get $at))))
      (local.set $b (f32x4.mul (local.get $weight) (v128.load offset=16 (local.get $at))))
      (local.set $c (f32x4.mul (local.get $weight) (v128.load offset=32 (local.get $at))))
      (local.set $d (f32x4.mul (local.get $weight) (v128.load offset=48 (local.get $at))))
      (local.set $reach (i32.const 4))
      (loop $pair
        (local.set $weight (v128.load32_splat (i32.add (local.get $weights) (local.get $reach))))
        (local.set $before (i32.sub (local.get $at) (local.get $reach)))
        (local.set $after (i32.add (local.get $at) (local.get $reach)))
        (local.set $a
          (f32x4.add (local.get $a)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load (local.get $before)) (v128.load (local.get $after))))))
        (local.set $b
          (f32x4.add (local.get $b)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load offset=16 (local.get $before)) (v128.load offset=16 (local.get $after))))))
        (local.set $c
          (f32x4.add (local.get $c)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load offset=32 (local.get $before)) (v128.load offset=32 (local.get $after))))))
        (local.set $d
          (f32x4.add (local.get $d)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load offset=48 (local.get $before)) (v128.load offset=48 (local.get $after))))))
        (br_if $pair
          (i32.le_u (local.tee $reach (i32.add (local.get $reach) (i32.const 4))) (local.get $reachBytes))))
      (v128.store (local.get $to) (local.get $a))
      (v128.store offset=16 (local.get $to) (local.get $b))
      (v128.store offset=32 (local.get $to) (local.get $c))
      (v128.store offset=48 (local.get $to) (local.get $d))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $sixteen
        (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 64))) (local.get $end)))))

  ;; The rows beyond the first and the last one are taken to be these.
  (func (export "blurColumns")
    (param $from i32) (param $to i32) (param $width i32) (param $height i32) (param $weights i32) (param $radius i32)
    (local $rowBytes i32) (local $last i32) (local $row i32)
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (local.set $last
      (i32.add (local.get $from) (i32.mul (i32.sub (local.get $height) (i32.const 1)) (local.get $rowBytes))))
    (local.set $row (local.get $from))
    (loop $line
      (call $blurAcross
        (local.get $row) (local.get $to) (local.get $rowBytes) (local.get $from) (local.get $last)
        (local.get $weights) (i32.shl (local.get $radius) (i32.const 2)))
      (local.set $to (i32.add (local.get $to) (local.get $rowBytes)))
      (br_if $line
        (i32.le_u (local.tee $row (i32.add (local.get $row) (local.get $rowBytes))) (local.get $last)))))

  ;; One row of the result, out of the row at $row and those before and after it, from $first to $last.
  (func $blurAcross
    (param $row i32) (param $to i32) (param $rowBytes i32) (param $first i32) (param $last i32)
    (param $weights i32) (param $reachBytes i32)
    (local $x i32) (local $reach i32) (local $above i32) (local $below i32) (local $before i32) (local $after i32)
    (local $weight v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $sixteen
      (local.set $above (local.get $row))
      (local.set $below (local.get $row))
      (local.set $before (i32.add (local.get $row) (local.get $x)))
      (local.set $weight (v128.load32_splat (local.get $weights)))
      (local.set $a (f32x4.mul (local.get $weight) (v128.load (local.get $before))))
      (local.set $b (f32x4.mul (local.get $weight) (v128.load offset=16 (local.get $before))))
      (local.set $c (f32x4.mul (local.get $weight) (v128.load offset=32 (local.get $before))))
      (local.set $d (f32x4.mul (local.get $weight) (v128.load offset=48 (local.get $before))))
      (local.set $reach (i32.const 4))
      (loop $pair
        (local.set $above
          (select (i32.sub (local.get $above) (local.get $rowBytes)) (local.get $above)
            (i32.gt_u (local.get $above) (local.get $first))))
        (local.set $below
          (select (i32.add (local.get $below) (local.get $rowBytes)) (local.get $below)
            (i32.lt_u (local.get $below) (local.get $last))))
        (local.set $before (i32.add (local.get $above) (local.get $x)))
        (local.set $after (i32.add (local.get $below) (local.get $x)))
        (local.set $weight (v128.load32_splat (i32.add (local.get $weights) (local.get $reach))))
        (local.set $a
          (f32x4.add (local.get $a)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load (local.get $before)) (v128.load (local.get $after))))))
        (local.set $b
          (f32x4.add (local.get $b)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load offset=16 (local.get $before)) (v128.load offset=16 (local.get $after))))))
        (local.set $c
          (f32x4.add (local.get $c)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load offset=32 (local.get $before)) (v128.load offset=32 (local.get $after))))))
        (local.set $d
          (f32x4.add (local.get $d)
            (f32x4.mul (local.get $weight)
              (f32x4.add (v128.load offset=48 (local.get $before)) (v128.load offset=48 (local.get $after))))))
        (br_if $pair
          (i32.le_u (local.tee $reach (i32.add (local.get $reach) (i32.const 4))) (local.get $reachBytes))))
      (local.set $before (i32.add (local.get $to) (local.get $x)))
      (v128.store (local.get $before) (local.get $a))
      (v128.store offset=16 (local.get $before) (local.get $b))
      (v128.store offset=32 (local.get $before) (local.get $c))
      (v128.store offset=48 (local.get $before) (local.get $d))
      (br_if $sixteen
        (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 64))) (local.get $rowBytes)))))

  ;; Each tone of a plane less that of another one.
  (func (export "subtract") (param $plane i32) (param $other i32) (param $to i32) (param $tones i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (i32.shl (local.get $tones) (i32.const 2))))
    (loop $four
      (v128.store (local.get $to)
        (f32x4.sub (v128.load (local.get $plane)) (v128.load (local.get $other))))
      (local.set $plane (i32.add (local.get $plane) (i32.const 16)))
      (local.set $other (i32.add (local.get $other) (i32.const 16)))
      (br_if $four
        (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end))))))
