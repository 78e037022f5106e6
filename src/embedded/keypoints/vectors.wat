;; Functions of arrays of numbers (f64), in place and two at a time. Angles and powers go the same steps as atan2 and exp
;; of the engine, which has them from fdlibm, and so give the same bits; what is rare or tiny is left to the engine itself.
(module
  (memory (import "arena" "memory") 1)
  (func $engineAtan2 (import "engine" "atan2") (param f64 f64) (result f64))
  (func $engineExp (import "engine" "exp") (param f64) (result f64))

  ;; Puts the lengths of vectors in the place of what they are across, $x up to $end, and their angles in that of what they
  ;; are down, from $y on. The ratio q of a vector is the tangent of one of five known angles and a small one, whose
  ;; tangent is (a q + b) / (c q + d). $known holds a, b, c and d of each, the angle and what it lacks (f64).
  (func (export "toPolar") (param $x i32) (param $end i32) (param $y i32) (param $known i32)
    (local $across v128) (local $down v128) (local $q v128) (local $which v128) (local $first i32) (local $second i32)
    (local $t v128) (local $z v128) (local $w v128) (local $odd v128) (local $even v128)
    (loop $two
      (local.set $across (v128.load (local.get $x)))
      (local.set $down (v128.load (local.get $y)))
      (v128.store (local.get $x)
        (f64x2.sqrt
          (f64x2.add
            (f64x2.mul (local.get $across) (local.get $across)) (f64x2.mul (local.get $down) (local.get $down)))))
      (block $angle
        (local.set $q (f64x2.abs (f64x2.div (local.get $down) (local.get $across))))
        ;; Neither is near zero or much larger than the other.
        (if
          (i32.eqz
            (i64x2.all_true
              (v128.and
                (f64x2.ge (local.get $q) (v128.const f64x2 1.4901161193847656e-08 1.4901161193847656e-08))
                (f64x2.le (local.get $q) (v128.const f64x2 2.8823037615171174e+17 2.8823037615171174e+17)))))
          (then
            (v128.store (local.get $y) (call $engineAngles (local.get $across) (local.get $down)))
            (br $angle)))
        ;; Which of the known angles: by how many limits the ratio reaches.
        (local.set $which
          (i64x2.sub
            (i64x2.neg
              (i64x2.add
                (f64x2.ge (local.get $q) (v128.const f64x2 0.4375 0.4375))
                (f64x2.ge (local.get $q) (v128.const f64x2 0.6875 0.6875))))
            (i64x2.add
              (f64x2.ge (local.get $q) (v128.const f64x2 1.1875 1.1875))
              (f64x2.ge (local.get $q) (v128.const f64x2 2.4375 2.4375)))))
        (local.set $first
          (i32.add (local.get $known) (i32.mul (i32x4.extract_lane 0 (local.get $which)) (i32.const 48))))
        (local.set $second
          (i32.add (local.get $known) (i32.mul (i32x4.extract_lane 2 (local.get $which)) (i32.const 48))))
        (local.set $t
          (f64x2.div
            (f64x2.add
              (f64x2.mul (v128.load64_lane 1 (local.get $second) (v128.load64_zero (local.get $first))) (local.get $q))
              (v128.load64_lane offset=8 1 (local.get $second) (v128.load64_zero offset=8 (local.get $first))))
            (f64x2.add
              (f64x2.mul (v128.load64_lane offset=16 1 (local.get $second) (v128.load64_zero offset=16 (local.get $first)))
                (local.get $q))
              (v128.load64_lane offset=24 1 (local.get $second) (v128.load64_zero offset=24 (local.get $first))))))
        (local.set $z (f64x2.mul (local.get $t) (local.get $t)))
        (local.set $w (f64x2.mul (local.get $z) (local.get $z)))
        (local.set $odd (v128.const f64x2 0.016285820115365782 0.016285820115365782))
        (local.set $odd
          (f64x2.add (v128.const f64x2 0.049768779946159324 0.049768779946159324)
            (f64x2.mul (local.get $w) (local.get $odd))))
        (local.set $odd
          (f64x2.add (v128.const f64x2 0.06661073137387531 0.06661073137387531)
            (f64x2.mul (local.get $w) (local.get $odd))))
        (local.set $odd
          (f64x2.add (v128.const f64x2 0.09090887133436507 0.09090887133436507)
            (f64x2.mul (local.get $w) (local.get $odd))))
        (local.set $odd
          (f64x2.add (v128.const f64x2 0.14285714272503466 0.14285714272503466)
            (f64x2.mul (local.get $w) (local.get $odd))))
        (local.set $odd
          (f64x2.add (v128.const f64x2 0.3333333333333293 0.3333333333333293)
            (f64x2.mul (local.get $w) (local.get $odd))))
        (local.set $even (v128.const f64x2 -0.036531572744216916 -0.036531572744216916))
        (local.set $even
          (f64x2.add (v128.const f64x2 -0.058335701337905735 -0.058335701337905735)
            (f64x2.mul (local.get $w) (local.get $even))))
        (local.set $even
          (f64x2.add (v128.const f64x2 -0.0769187620504483 -0.0769187620504483)
            (f64x2.mul (local.get $w) (local.get $even))))
        (local.set $even
          (f64x2.add (v128.const f64x2 -0.11111110405462356 -0.11111110405462356)
            (f64x2.mul (local.get $w) (local.get $even))))
        (local.set $even
          (f64x2.add (v128.const f64x2 -0.19999999999876483 -0.19999999999876483)
            (f64x2.mul (local.get $w) (local.get $even))))
        (local.set $z
          (f64x2.mul (local.get $t)
            (f64x2.add (f64x2.mul (local.get $z) (local.get $odd)) (f64x2.mul (local.get $w) (local.get $even)))))
        (local.set $z
          (f64x2.sub (v128.load64_lane offset=32 1 (local.get $second) (v128.load64_zero offset=32 (local.get $first)))
            (f64x2.sub
              (f64x2.sub (local.get $z)
                (v128.load64_lane offset=40 1 (local.get $second) (v128.load64_zero offset=40 (local.get $first))))
              (local.get $t))))
        ;; The other half of the circle, with π and what it lacks.
        (local.set $z
          (v128.bitselect
            (f64x2.sub (v128.const f64x2 3.141592653589793 3.141592653589793)
              (f64x2.sub (local.get $z) (v128.const f64x2 1.2246467991473532e-16 1.2246467991473532e-16)))
            (local.get $z)
            (f64x2.lt (local.get $across) (v128.const f64x2 0.0 0.0))))
        (v128.store (local.get $y)
          (v128.xor (local.get $z)
            (v128.and (local.get $down) (v128.const i64x2 0x8000000000000000 0x8000000000000000)))))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (br_if $two (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $end)))))

  (func $engineAngles (param $across v128) (param $down v128) (result v128)
    (f64x2.replace_lane 1
      (f64x2.splat
        (call $engineAtan2 (f64x2.extract_lane 0 (local.get $down)) (f64x2.extract_lane 0 (local.get $across))))
      (call $engineAtan2 (f64x2.extract_lane 1 (local.get $down)) (f64x2.extract_lane 1 (local.get $across)))))

  ;; Puts e to the power of numbers, of zero or less, in their place, from $at to $end.
  (func (export "toPowers") (param $at i32) (param $end i32)
    (local $x v128) (local $halvings v128) (local $high v128) (local $rest v128) (local $t v128) (local $c v128)
    (loop $two
      (local.set $x (v128.load (local.get $at)))
      (block $power
        ;; Neither is zero, or so far below that the result loses digits.
        (if
          (i32.eqz
            (i64x2.all_true
              (v128.and
                (f64x2.le (local.get $x) (v128.const f64x2 -7.450580596923828e-09 -7.450580596923828e-09))
                (f64x2.ge (local.get $x) (v128.const f64x2 -700.0 -700.0)))))
          (then
            (v128.store (local.get $at) (call $enginePowers (local.get $x)))
            (br $power)))
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
        (local.set $rest
          (f64x2.mul (local.get $halvings) (v128.const f64x2 1.9082149292705877e-10 1.9082149292705877e-10)))
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
          (f64x2.add (v128.const f64x2 0.16666666666666602 0.16666666666666602)
            (f64x2.mul (local.get $t) (local.get $c))))
        (local.set $c (f64x2.sub (local.get $x) (f64x2.mul (local.get $t) (local.get $c))))
        (local.set $c
          (f64x2.div (f64x2.mul (local.get $x) (local.get $c))
            (f64x2.sub (v128.const f64x2 2.0 2.0) (local.get $c))))
        (v128.store (local.get $at)
          (f64x2.mul
            (f64x2.sub (v128.const f64x2 1.0 1.0)
              (f64x2.sub (f64x2.sub (local.get $rest) (local.get $c)) (local.get $high)))
            (i64x2.shl
              (i64x2.add
                (i64x2.extend_low_i32x4_s (i32x4.trunc_sat_f64x2_s_zero (local.get $halvings)))
                (v128.const i64x2 1023 1023))
              (i32.const 52)))))
      (br_if $two (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  (func $enginePowers (param $x v128) (result v128)
    (f64x2.replace_lane 1
      (f64x2.splat (call $engineExp (f64x2.extract_lane 0 (local.get $x))))
      (call $engineExp (f64x2.extract_lane 1 (local.get $x))))))
