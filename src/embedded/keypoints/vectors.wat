;; Functions of two numbers at a time, in double precision. atan2 and exp go the same steps as those of the engine, which
;; has them from fdlibm, and so give the same bits; what is rare or tiny is left to the engine itself.
(module
  (func $engineAtan2 (import "engine" "atan2") (param f64 f64) (result f64))
  (func $engineExp (import "engine" "exp") (param f64) (result f64))

  ;; The lengths of the vectors ($x, $y).
  (func (export "length") (param $x v128) (param $y v128) (result v128)
    (f64x2.sqrt
      (f64x2.add
        (f64x2.mul (local.get $x) (local.get $x)) (f64x2.mul (local.get $y) (local.get $y)))))

  ;; The angles of the vectors ($x, $y).
  (func (export "atan2") (param $y v128) (param $x v128) (result v128)
    (local $q v128) (local $is v128) (local $over v128) (local $under v128) (local $hi v128) (local $lo v128)
    (local $t v128) (local $z v128) (local $w v128) (local $odd v128) (local $even v128)
    (local.set $q (f64x2.abs (f64x2.div (local.get $y) (local.get $x))))
    ;; Neither is near zero or much larger than the other.
    (if
      (i32.eqz
        (i64x2.all_true
          (v128.and
            (f64x2.ge (local.get $q) (v128.const f64x2 1.4901161193847656e-08 1.4901161193847656e-08))
            (f64x2.le (local.get $q) (v128.const f64x2 2.8823037615171174e+17 2.8823037615171174e+17)))))
      (then
        (return
          (f64x2.replace_lane 1
            (f64x2.splat (call $engineAtan2 (f64x2.extract_lane 0 (local.get $y)) (f64x2.extract_lane 0 (local.get $x))))
            (call $engineAtan2 (f64x2.extract_lane 1 (local.get $y)) (f64x2.extract_lane 1 (local.get $x)))))))
    ;; The ratio as the tangent of a small angle beside one of five known ones, $hi and its $lo: $over / $under.
    (local.set $over (local.get $q))
    (local.set $under (v128.const f64x2 1.0 1.0))
    (local.set $hi (v128.const f64x2 0.0 0.0))
    (local.set $lo (v128.const f64x2 0.0 0.0))
    (local.set $is (f64x2.ge (local.get $q) (v128.const f64x2 0.4375 0.4375)))
    (local.set $over
      (v128.bitselect
        (f64x2.sub (f64x2.add (local.get $q) (local.get $q)) (v128.const f64x2 1.0 1.0))
        (local.get $over)
        (local.get $is)))
    (local.set $under
      (v128.bitselect (f64x2.add (v128.const f64x2 2.0 2.0) (local.get $q)) (local.get $under) (local.get $is)))
    (local.set $hi
      (v128.bitselect (v128.const f64x2 0.4636476090008061 0.4636476090008061) (local.get $hi) (local.get $is)))
    (local.set $lo
      (v128.bitselect
        (v128.const f64x2 2.2698777452961687e-17 2.2698777452961687e-17)
        (local.get $lo)
        (local.get $is)))
    (local.set $is (f64x2.ge (local.get $q) (v128.const f64x2 0.6875 0.6875)))
    (local.set $over
      (v128.bitselect (f64x2.sub (local.get $q) (v128.const f64x2 1.0 1.0)) (local.get $over) (local.get $is)))
    (local.set $under
      (v128.bitselect (f64x2.add (local.get $q) (v128.const f64x2 1.0 1.0)) (local.get $under) (local.get $is)))
    (local.set $hi
      (v128.bitselect (v128.const f64x2 0.7853981633974483 0.7853981633974483) (local.get $hi) (local.get $is)))
    (local.set $lo
      (v128.bitselect
        (v128.const f64x2 3.061616997868383e-17 3.061616997868383e-17)
        (local.get $lo)
        (local.get $is)))
    (local.set $is (f64x2.ge (local.get $q) (v128.const f64x2 1.1875 1.1875)))
    (local.set $over
      (v128.bitselect (f64x2.sub (local.get $q) (v128.const f64x2 1.5 1.5)) (local.get $over) (local.get $is)))
    (local.set $under
      (v128.bitselect
        (f64x2.add (v128.const f64x2 1.0 1.0) (f64x2.mul (v128.const f64x2 1.5 1.5) (local.get $q)))
        (local.get $under)
        (local.get $is)))
    (local.set $hi
      (v128.bitselect (v128.const f64x2 0.982793723247329 0.982793723247329) (local.get $hi) (local.get $is)))
    (local.set $lo
      (v128.bitselect
        (v128.const f64x2 1.3903311031230998e-17 1.3903311031230998e-17)
        (local.get $lo)
        (local.get $is)))
    (local.set $is (f64x2.ge (local.get $q) (v128.const f64x2 2.4375 2.4375)))
    (local.set $over (v128.bitselect (v128.const f64x2 -1.0 -1.0) (local.get $over) (local.get $is)))
    (local.set $under (v128.bitselect (local.get $q) (local.get $under) (local.get $is)))
    (local.set $hi
      (v128.bitselect (v128.const f64x2 1.5707963267948966 1.5707963267948966) (local.get $hi) (local.get $is)))
    (local.set $lo
      (v128.bitselect
        (v128.const f64x2 6.123233995736766e-17 6.123233995736766e-17)
        (local.get $lo)
        (local.get $is)))
    (local.set $t (f64x2.div (local.get $over) (local.get $under)))
    (local.set $z (f64x2.mul (local.get $t) (local.get $t)))
    (local.set $w (f64x2.mul (local.get $z) (local.get $z)))
    (local.set $odd (v128.const f64x2 0.016285820115365782 0.016285820115365782))
    (local.set $odd
      (f64x2.add (v128.const f64x2 0.049768779946159324 0.049768779946159324)
        (f64x2.mul (local.get $w) (local.get $odd))))
    (local.set $odd
      (f64x2.add (v128.const f64x2 0.06661073137387531 0.06661073137387531) (f64x2.mul (local.get $w) (local.get $odd))))
    (local.set $odd
      (f64x2.add (v128.const f64x2 0.09090887133436507 0.09090887133436507) (f64x2.mul (local.get $w) (local.get $odd))))
    (local.set $odd
      (f64x2.add (v128.const f64x2 0.14285714272503466 0.14285714272503466) (f64x2.mul (local.get $w) (local.get $odd))))
    (local.set $odd
      (f64x2.add (v128.const f64x2 0.3333333333333293 0.3333333333333293) (f64x2.mul (local.get $w) (local.get $odd))))
    (local.set $even (v128.const f64x2 -0.036531572744216916 -0.036531572744216916))
    (local.set $even
      (f64x2.add (v128.const f64x2 -0.058335701337905735 -0.058335701337905735)
        (f64x2.mul (local.get $w) (local.get $even))))
    (local.set $even
      (f64x2.add (v128.const f64x2 -0.0769187620504483 -0.0769187620504483) (f64x2.mul (local.get $w) (local.get $even))))
    (local.set $even
      (f64x2.add (v128.const f64x2 -0.11111110405462356 -0.11111110405462356)
        (f64x2.mul (local.get $w) (local.get $even))))
    (local.set $even
      (f64x2.add (v128.const f64x2 -0.19999999999876483 -0.19999999999876483)
        (f64x2.mul (local.get $w) (local.get $even))))
    (local.set $z
      (f64x2.mul (local.get $t)
        (f64x2.add (f64x2.mul (local.get $z) (local.get $odd)) (f64x2.mul (local.get $w) (local.get $even)))))
    (local.set $z (f64x2.sub (local.get $hi) (f64x2.sub (f64x2.sub (local.get $z) (local.get $lo)) (local.get $t))))
    ;; The other half of the circle, with π and what it lacks.
    (local.set $z
      (v128.bitselect
        (f64x2.sub (v128.const f64x2 3.141592653589793 3.141592653589793)
          (f64x2.sub (local.get $z) (v128.const f64x2 1.2246467991473532e-16 1.2246467991473532e-16)))
        (local.get $z)
        (f64x2.lt (local.get $x) (v128.const f64x2 0.0 0.0))))
    (v128.xor (local.get $z) (v128.and (local.get $y) (v128.const i64x2 0x8000000000000000 0x8000000000000000))))

  ;; e to the power of numbers of zero or less.
  (func (export "exp") (param $x v128) (result v128)
    (local $halvings v128) (local $high v128) (local $rest v128) (local $t v128) (local $c v128)
    ;; Neither is zero, or so far below that the result loses digits.
    (if
      (i32.eqz
        (i64x2.all_true
          (v128.and
            (f64x2.le (local.get $x) (v128.const f64x2 -7.450580596923828e-09 -7.450580596923828e-09))
            (f64x2.ge (local.get $x) (v128.const f64x2 -700.0 -700.0)))))
      (then
        (return
          (f64x2.replace_lane 1
            (f64x2.splat (call $engineExp (f64x2.extract_lane 0 (local.get $x))))
            (call $engineExp (f64x2.extract_lane 1 (local.get $x)))))))
    ;; So many halves of what is left, which lies around zero: none from half of ln 2 on, as fdlibm compares it.
    (local.set $halvings
      (v128.and
        (f64x2.trunc
          (f64x2.sub
            (f64x2.mul (v128.const f64x2 1.4426950408889634 1.4426950408889634) (local.get $x))
            (v128.const f64x2 0.5 0.5)))
        (f64x2.le (local.get $x) (v128.const f64x2 -0.3465735912322998 -0.3465735912322998))))
    (local.set $high
      (f64x2.sub (local.get $x)
        (f64x2.mul (local.get $halvings) (v128.const f64x2 0.6931471803691238 0.6931471803691238))))
    (local.set $rest (f64x2.mul (local.get $halvings) (v128.const f64x2 1.9082149292705877e-10 1.9082149292705877e-10)))
    (local.set $x (f64x2.sub (local.get $high) (local.get $rest)))
    (local.set $t (f64x2.mul (local.get $x) (local.get $x)))
    (local.set $c (v128.const f64x2 4.1381367970572385e-08 4.1381367970572385e-08))
    (local.set $c
      (f64x2.add (v128.const f64x2 -1.6533902205465252e-06 -1.6533902205465252e-06)
        (f64x2.mul (local.get $t) (local.get $c))))
    (local.set $c
      (f64x2.add (v128.const f64x2 6.613756321437934e-05 6.613756321437934e-05)
        (f64x2.mul (local.get $t) (local.get $c))))
    (local.set $c
      (f64x2.add (v128.const f64x2 -0.0027777777777015593 -0.0027777777777015593)
        (f64x2.mul (local.get $t) (local.get $c))))
    (local.set $c
      (f64x2.add (v128.const f64x2 0.16666666666666602 0.16666666666666602) (f64x2.mul (local.get $t) (local.get $c))))
    (local.set $c (f64x2.sub (local.get $x) (f64x2.mul (local.get $t) (local.get $c))))
    (f64x2.mul
      (f64x2.sub (v128.const f64x2 1.0 1.0)
        (f64x2.sub
          (f64x2.sub (local.get $rest)
            (f64x2.div (f64x2.mul (local.get $x) (local.get $c)) (f64x2.sub (v128.const f64x2 2.0 2.0) (local.get $c))))
          (local.get $high)))
      (i64x2.shl
        (i64x2.add
          (i64x2.extend_low_i32x4_s (i32x4.trunc_sat_f64x2_s_zero (local.get $halvings)))
          (v128.const i64x2 1023 1023))
        (i32.const 52)))))
