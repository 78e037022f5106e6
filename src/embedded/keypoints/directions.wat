;; In which directions the tones around a place grow. Two places at a time, in double precision and in the order of the
;; places, so that sums are what they are one place after the other.
(module
  (memory (import "arena" "memory") 1)
  (func $toPolar (import "vectors" "toPolar") (param i32 i32 i32 i32))
  (func $toPowers (import "vectors" "toPowers") (param i32 i32))

  ;; Adds up the directions around ($x, $y) in 36 bins (f64) from $bins on, which are zero before. Each gradient counts by
  ;; its size and its distance d from there, e to the power of -d² / $spread, for the two bins that it lies between.
  ;; $plane is of tones (f32), row by row; the rows and columns are from $top to $bottom and from $left to $right.
  ;; $room is for three rows of $roomBytes, a number (f64) for each column and one more; $known goes to toPolar.
  (func (export "addUpDirections")
    (param $plane i32) (param $width i32)
    (param $left i32) (param $right i32) (param $top i32) (param $bottom i32)
    (param $x f64) (param $y f64) (param $spread f64)
    (param $room i32) (param $roomBytes i32) (param $known i32) (param $bins i32)
    (local $down f64) (local $columns i32) (local $lengths i32) (local $angles i32) (local $rowBytes i32)
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (local.set $columns (i32.add (i32.sub (local.get $right) (local.get $left)) (i32.const 1)))
    (local.set $lengths (i32.add (local.get $room) (local.get $roomBytes)))
    (local.set $angles (i32.add (local.get $lengths) (local.get $roomBytes)))
    (local.set $plane
      (i32.add (local.get $plane)
        (i32.shl (i32.add (i32.mul (local.get $top) (local.get $width)) (local.get $left)) (i32.const 2))))
    (loop $row
      (local.set $down (f64.sub (f64.convert_i32_s (local.get $top)) (local.get $y)))
      (call $exponents (local.get $left) (local.get $x) (f64.mul (local.get $down) (local.get $down))
        (local.get $spread) (local.get $room) (i32.add (local.get $room) (i32.shl (local.get $columns) (i32.const 3))))
      (call $toPowers (local.get $room) (i32.add (local.get $room) (i32.shl (local.get $columns) (i32.const 3))))
      (call $gradients (local.get $plane) (local.get $rowBytes) (local.get $lengths)
        (i32.add (local.get $lengths) (i32.shl (local.get $columns) (i32.const 3))) (local.get $angles))
      (call $toPolar (local.get $lengths) (i32.add (local.get $lengths) (i32.shl (local.get $columns) (i32.const 3)))
        (local.get $angles) (local.get $known))
      (call $addRow (local.get $room) (local.get $lengths) (local.get $angles) (local.get $columns) (local.get $bins))
      (local.set $plane (i32.add (local.get $plane) (local.get $rowBytes)))
      (br_if $row
        (i32.le_s (local.tee $top (i32.add (local.get $top) (i32.const 1))) (local.get $bottom)))))

  ;; Of a row from the column $left on: $down is the square of how far it is down.
  (func $exponents (param $left i32) (param $x f64) (param $down f64) (param $spread f64) (param $to i32) (param $end i32)
    (local $column v128) (local $across v128)
    (local.set $column
      (f64x2.convert_low_i32x4_s (i32x4.add (i32x4.splat (local.get $left)) (v128.const i32x4 0 1 0 0))))
    (loop $two
      (local.set $across (f64x2.sub (local.get $column) (f64x2.splat (local.get $x))))
      (v128.store (local.get $to)
        (f64x2.div
          (f64x2.neg
            (f64x2.add (f64x2.splat (local.get $down)) (f64x2.mul (local.get $across) (local.get $across))))
          (f64x2.splat (local.get $spread))))
      (local.set $column (f64x2.add (local.get $column) (v128.const f64x2 2 2)))
      (br_if $two (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end)))))

  ;; By how much tones grow across and down at the pixels from $at on.
  (func $gradients (param $at i32) (param $rowBytes i32) (param $x i32) (param $end i32) (param $y i32)
    (loop $two
      (v128.store (local.get $x)
        (f64x2.sub
          (f64x2.promote_low_f32x4 (v128.load64_zero offset=4 (local.get $at)))
          (f64x2.promote_low_f32x4 (v128.load64_zero (i32.sub (local.get $at) (i32.const 4))))))
      (v128.store (local.get $y)
        (f64x2.sub
          (f64x2.promote_low_f32x4 (v128.load64_zero (i32.add (local.get $at) (local.get $rowBytes))))
          (f64x2.promote_low_f32x4 (v128.load64_zero (i32.sub (local.get $at) (local.get $rowBytes))))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (br_if $two (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $end)))))

  (func $addRow (param $weights i32) (param $lengths i32) (param $angles i32) (param $columns i32) (param $bins i32)
    (local $weight v128) (local $bin v128) (local $floor v128) (local $upper v128)
    (loop $two
      (local.set $weight (f64x2.mul (v128.load (local.get $weights)) (v128.load (local.get $lengths))))
      (local.set $bin
        (f64x2.add
          (f64x2.div
            (f64x2.mul (v128.load (local.get $angles)) (v128.const f64x2 36 36))
            (v128.const f64x2 6.283185307179586 6.283185307179586))
          (v128.const f64x2 36 36)))
      (local.set $floor (f64x2.floor (local.get $bin)))
      (local.set $bin (f64x2.sub (local.get $bin) (local.get $floor)))
      (local.set $upper (f64x2.mul (local.get $weight) (local.get $bin)))
      (local.set $weight (f64x2.mul (local.get $weight) (f64x2.sub (v128.const f64x2 1 1) (local.get $bin))))
      (local.set $floor (i32x4.trunc_sat_f64x2_s_zero (local.get $floor)))
      (call $addToBins (local.get $bins) (i32x4.extract_lane 0 (local.get $floor))
        (f64x2.extract_lane 0 (local.get $weight)) (f64x2.extract_lane 0 (local.get $upper)))
      (if (i32.gt_s (local.get $columns) (i32.const 1))
        (then
          (call $addToBins (local.get $bins) (i32x4.extract_lane 1 (local.get $floor))
            (f64x2.extract_lane 1 (local.get $weight)) (f64x2.extract_lane 1 (local.get $upper)))))
      (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
      (local.set $lengths (i32.add (local.get $lengths) (i32.const 16)))
      (local.set $angles (i32.add (local.get $angles) (i32.const 16)))
      (br_if $two
        (i32.gt_s (local.tee $columns (i32.sub (local.get $columns) (i32.const 2))) (i32.const 0)))))

  ;; $low is 18 to 54: the bins are a circle.
  (func $addToBins (param $bins i32) (param $low i32) (param $lower f64) (param $upper f64)
    (local $bin i32)
    (local.set $bin
      (i32.add (local.get $bins)
        (i32.shl
          (select (i32.sub (local.get $low) (i32.const 36)) (local.get $low)
            (i32.ge_s (local.get $low) (i32.const 36)))
          (i32.const 3))))
    (f64.store (local.get $bin) (f64.add (f64.load (local.get $bin)) (local.get $lower)))
    (local.set $bin
      (select (local.get $bins) (i32.add (local.get $bin) (i32.const 8))
        (i32.eq (local.get $bin) (i32.add (local.get $bins) (i32.const 280)))))
    (f64.store (local.get $bin) (f64.add (f64.load (local.get $bin)) (local.get $upper)))))
