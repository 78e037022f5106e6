;; In which directions the tones around a place grow. Two places at a time, in double precision and in the order of the
;; places, so that sums are what they are one place after the other.
(module
  (memory (import "arena" "memory") 1)
  (func $atan2 (import "vectors" "atan2") (param v128 v128) (result v128))
  (func $length (import "vectors" "length") (param v128 v128) (result v128))
  (func $exp (import "vectors" "exp") (param v128) (result v128))

  ;; Adds up the directions around ($x, $y) in 36 bins (f64) from $bins on, which are zero before. Each gradient counts by
  ;; its size and its distance d from there, e to the power of -d² / $spread, for the two bins that it lies between.
  ;; $plane is of tones (f32), row by row; the rows and columns are from $top to $bottom and from $left to $right.
  (func (export "addUp")
    (param $plane i32) (param $width i32)
    (param $left i32) (param $right i32) (param $top i32) (param $bottom i32)
    (param $x f64) (param $y f64) (param $spread f64) (param $bins i32)
    (local $rowBytes i32) (local $column i32) (local $at i32) (local $low i32)
    (local $down f64) (local $dx v128) (local $dy v128) (local $across v128)
    (local $weight v128) (local $bin v128) (local $floor v128) (local $upper v128)
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (loop $row
      (local.set $down (f64.sub (f64.convert_i32_s (local.get $top)) (local.get $y)))
      (local.set $down (f64.mul (local.get $down) (local.get $down)))
      (local.set $column (local.get $left))
      (local.set $at
        (i32.add (local.get $plane)
          (i32.shl (i32.add (i32.mul (local.get $top) (local.get $width)) (local.get $left)) (i32.const 2))))
      (loop $two
        (local.set $dx
          (f64x2.sub (call $tones (i32.add (local.get $at) (i32.const 4)))
            (call $tones (i32.sub (local.get $at) (i32.const 4)))))
        (local.set $dy
          (f64x2.sub (call $tones (i32.add (local.get $at) (local.get $rowBytes)))
            (call $tones (i32.sub (local.get $at) (local.get $rowBytes)))))
        (local.set $across
          (f64x2.sub
            (f64x2.convert_low_i32x4_s
              (i32x4.add (i32x4.splat (local.get $column)) (v128.const i32x4 0 1 0 0)))
            (f64x2.splat (local.get $x))))
        (local.set $weight
          (f64x2.mul
            (call $exp
              (f64x2.div
                (f64x2.neg
                  (f64x2.add (f64x2.splat (local.get $down)) (f64x2.mul (local.get $across) (local.get $across))))
                (f64x2.splat (local.get $spread))))
            (call $length (local.get $dx) (local.get $dy))))
        (local.set $bin
          (f64x2.add
            (f64x2.div
              (f64x2.mul (call $atan2 (local.get $dy) (local.get $dx)) (f64x2.splat (f64.const 36)))
              (f64x2.splat (f64.const 6.283185307179586)))
            (f64x2.splat (f64.const 36))))
        (local.set $floor (f64x2.floor (local.get $bin)))
        (local.set $bin (f64x2.sub (local.get $bin) (local.get $floor)))
        (local.set $upper (f64x2.mul (local.get $weight) (local.get $bin)))
        (local.set $weight
          (f64x2.mul (local.get $weight) (f64x2.sub (f64x2.splat (f64.const 1)) (local.get $bin))))
        (local.set $floor (i32x4.trunc_sat_f64x2_s_zero (local.get $floor)))
        (call $addToBins (local.get $bins) (i32x4.extract_lane 0 (local.get $floor))
          (f64x2.extract_lane 0 (local.get $weight)) (f64x2.extract_lane 0 (local.get $upper)))
        (if (i32.lt_s (local.get $column) (local.get $right))
          (then
            (call $addToBins (local.get $bins) (i32x4.extract_lane 1 (local.get $floor))
              (f64x2.extract_lane 1 (local.get $weight)) (f64x2.extract_lane 1 (local.get $upper)))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $two
          (i32.le_s (local.tee $column (i32.add (local.get $column) (i32.const 2))) (local.get $right))))
      (br_if $row
        (i32.le_s (local.tee $top (i32.add (local.get $top) (i32.const 1))) (local.get $bottom)))))

  ;; The two tones at $at.
  (func $tones (param $at i32) (result v128)
    (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $at))))

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
