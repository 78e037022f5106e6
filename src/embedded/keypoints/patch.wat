;; What is around a keypoint, seen upright to its orientation. Two samples at a time, in double precision and in the order
;; of the samples, so that sums are what they are one sample after the other.
(module
  (memory (import "arena" "memory") 1)
  (func $toPolar (import "vectors" "toPolar") (param i32 i32 i32 i32))

  ;; Samples the tones (f32) of a plane in 22 rows of 22, written from $to on (f64): the middle of them at ($x, $y), one
  ;; step across is ($cos, $sin), one down is (-$sin, $cos). Between pixels tones are interpolated, and outside of
  ;; (0, 0) to ($mostX, $mostY) they are those at its edge.
  (func (export "sample")
    (param $plane i32) (param $width i32) (param $mostX f64) (param $mostY f64)
    (param $x f64) (param $y f64) (param $cos f64) (param $sin f64) (param $to i32)
    (local $u v128) (local $px v128) (local $py v128) (local $left v128) (local $top v128)
    (local $pixels v128) (local $first i32) (local $second i32)
    (local $here v128) (local $next v128) (local $upper v128)
    (local $v f64) (local $rowEnd i32) (local $rowBytes i32)
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (local.set $v (f64.const -10.5))
    (loop $row
      (local.set $u (v128.const f64x2 -10.5 -9.5))
      (local.set $rowEnd (i32.add (local.get $to) (i32.const 176)))
      (loop $two
        (local.set $px
          (f64x2.min (f64x2.splat (local.get $mostX))
            (f64x2.max (f64x2.splat (f64.const 0))
              (f64x2.sub
                (f64x2.add (f64x2.splat (local.get $x)) (f64x2.mul (local.get $u) (f64x2.splat (local.get $cos))))
                (f64x2.splat (f64.mul (local.get $v) (local.get $sin)))))))
        (local.set $py
          (f64x2.min (f64x2.splat (local.get $mostY))
            (f64x2.max (f64x2.splat (f64.const 0))
              (f64x2.add
                (f64x2.add (f64x2.splat (local.get $y)) (f64x2.mul (local.get $u) (f64x2.splat (local.get $sin))))
                (f64x2.splat (f64.mul (local.get $v) (local.get $cos)))))))
        (local.set $left (f64x2.floor (local.get $px)))
        (local.set $top (f64x2.floor (local.get $py)))
        (local.set $px (f64x2.sub (local.get $px) (local.get $left)))
        (local.set $py (f64x2.sub (local.get $py) (local.get $top)))
        (local.set $pixels
          (i32x4.add
            (i32x4.mul (i32x4.trunc_sat_f64x2_s_zero (local.get $top)) (i32x4.splat (local.get $width)))
            (i32x4.trunc_sat_f64x2_s_zero (local.get $left))))
        (local.set $first
          (i32.add (local.get $plane) (i32.shl (i32x4.extract_lane 0 (local.get $pixels)) (i32.const 2))))
        (local.set $second
          (i32.add (local.get $plane) (i32.shl (i32x4.extract_lane 1 (local.get $pixels)) (i32.const 2))))
        (local.set $here
          (f64x2.promote_low_f32x4
            (v128.load32_lane 1 (local.get $second) (v128.load32_zero (local.get $first)))))
        (local.set $next
          (f64x2.promote_low_f32x4
            (v128.load32_lane offset=4 1 (local.get $second) (v128.load32_zero offset=4 (local.get $first)))))
        (local.set $upper
          (f64x2.add (local.get $here)
            (f64x2.mul (local.get $px) (f64x2.sub (local.get $next) (local.get $here)))))
        (local.set $first (i32.add (local.get $first) (local.get $rowBytes)))
        (local.set $second (i32.add (local.get $second) (local.get $rowBytes)))
        (local.set $here
          (f64x2.promote_low_f32x4
            (v128.load32_lane 1 (local.get $second) (v128.load32_zero (local.get $first)))))
        (local.set $next
          (f64x2.promote_low_f32x4
            (v128.load32_lane offset=4 1 (local.get $second) (v128.load32_zero offset=4 (local.get $first)))))
        (local.set $here
          (f64x2.add (local.get $here)
            (f64x2.mul (local.get $px) (f64x2.sub (local.get $next) (local.get $here)))))
        (v128.store (local.get $to)
          (f64x2.add (local.get $upper)
            (f64x2.mul (local.get $py) (f64x2.sub (local.get $here) (local.get $upper)))))
        (local.set $u (f64x2.add (local.get $u) (f64x2.splat (f64.const 2))))
        (br_if $two
          (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $rowEnd))))
      (br_if $row
        (f64.le (local.tee $v (f64.add (local.get $v) (f64.const 1))) (f64.const 10.5)))))

  ;; Adds up the directions of the gradients at the inner 20 rows of 20 of the 22 rows of 22 $tones (f64). $shares holds
  ;; for each of them what it adds to which cells: where a cell is behind $cells, 1 at the last cell and 0 before (i32
  ;; both), and the weight (f64). A cell has eight directions (f64), which are zero before. $room is for twice 400 numbers
  ;; (f64); $known goes to toPolar.
  (func (export "addUpPatch")
    (param $tones i32) (param $shares i32) (param $room i32) (param $known i32) (param $cells i32)
    (local $angles i32) (local $end i32) (local $direction v128) (local $low v128)
    (local.set $angles (i32.add (local.get $room) (i32.const 3200)))
    (call $gradients (local.get $tones) (local.get $room) (local.get $angles))
    (call $toPolar (local.get $room) (local.get $angles) (local.get $angles) (local.get $known))
    (local.set $end (local.get $angles))
    (loop $two
      (local.set $direction
        (f64x2.add
          (f64x2.div
            (f64x2.mul (v128.load (local.get $angles)) (v128.const f64x2 8 8))
            (v128.const f64x2 6.283185307179586 6.283185307179586))
          (v128.const f64x2 8 8)))
      (local.set $low (f64x2.floor (local.get $direction)))
      (local.set $direction (f64x2.sub (local.get $direction) (local.get $low)))
      (local.set $low (i32x4.trunc_sat_f64x2_s_zero (local.get $low)))
      (local.set $shares
        (call $addToCells (local.get $shares) (local.get $cells) (i32x4.extract_lane 0 (local.get $low))
          (f64x2.extract_lane 0 (local.get $direction)) (f64.load (local.get $room))))
      (local.set $shares
        (call $addToCells (local.get $shares) (local.get $cells) (i32x4.extract_lane 1 (local.get $low))
          (f64x2.extract_lane 1 (local.get $direction)) (f64.load offset=8 (local.get $room))))
      (local.set $angles (i32.add (local.get $angles) (i32.const 16)))
      (br_if $two
        (i32.lt_u (local.tee $room (i32.add (local.get $room) (i32.const 16))) (local.get $end)))))

  ;; By how much the inner tones grow across and down.
  (func $gradients (param $tones i32) (param $x i32) (param $y i32)
    (local $end i32) (local $rowEnd i32)
    (local.set $tones (i32.add (local.get $tones) (i32.const 184)))
    (local.set $end (local.get $y))
    (loop $row
      (local.set $rowEnd (i32.add (local.get $tones) (i32.const 160)))
      (loop $two
        (v128.store (local.get $x)
          (f64x2.sub (v128.load offset=8 (local.get $tones))
            (v128.load (i32.sub (local.get $tones) (i32.const 8)))))
        (v128.store (local.get $y)
          (f64x2.sub (v128.load offset=176 (local.get $tones))
            (v128.load (i32.sub (local.get $tones) (i32.const 176)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $y (i32.add (local.get $y) (i32.const 16)))
        (br_if $two
          (i32.lt_u (local.tee $tones (i32.add (local.get $tones) (i32.const 16))) (local.get $rowEnd))))
      (local.set $tones (i32.add (local.get $tones) (i32.const 16)))
      (br_if $row (i32.lt_u (local.get $x) (local.get $end)))))

  ;; Adds a gradient to its cells: between the directions $low and the next one, $above of the way. Returns where the
  ;; shares of the next one stand.
  (func $addToCells
    (param $shares i32) (param $cells i32) (param $low i32) (param $above f64) (param $size f64) (result i32)
    (local $lower i32) (local $upper i32) (local $cell i32) (local $value f64) (local $at i32) (local $isLast i32)
    (local.set $lower (i32.shl (i32.and (local.get $low) (i32.const 7)) (i32.const 3)))
    (local.set $upper (i32.and (i32.add (local.get $lower) (i32.const 8)) (i32.const 63)))
    (loop $next
      (local.set $cell (i32.add (local.get $cells) (i32.load (local.get $shares))))
      (local.set $isLast (i32.load offset=4 (local.get $shares)))
      (local.set $value (f64.mul (local.get $size) (f64.load offset=8 (local.get $shares))))
      (local.set $at (i32.add (local.get $cell) (local.get $lower)))
      (f64.store (local.get $at)
        (f64.add (f64.load (local.get $at))
          (f64.mul (local.get $value) (f64.sub (f64.const 1) (local.get $above)))))
      (local.set $at (i32.add (local.get $cell) (local.get $upper)))
      (f64.store (local.get $at)
        (f64.add (f64.load (local.get $at)) (f64.mul (local.get $value) (local.get $above))))
      (local.set $shares (i32.add (local.get $shares) (i32.const 16)))
      (br_if $next (i32.eqz (local.get $isLast))))
    (local.get $shares))

  ;; What the 128 sums (f64) from $cells on come to: square roots of their shares, none of them counted as more than $most
  ;; of the length of all. Written from $to on, a byte each, 255 for a root of $full and more.
  (func (export "roots") (param $cells i32) (param $most f64) (param $full f64) (param $to i32)
    (local $at i32) (local $end i32) (local $squares f64) (local $total f64) (local $root v128) (local $above v128)
    (local.set $end (i32.add (local.get $cells) (i32.const 1024)))
    (local.set $at (local.get $cells))
    (loop $next
      (local.set $squares
        (f64.add (local.get $squares) (f64.mul (f64.load (local.get $at)) (f64.load (local.get $at)))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
    (local.set $most (f64.mul (local.get $most) (f64.sqrt (local.get $squares))))
    (local.set $at (local.get $cells))
    (loop $next
      (local.set $total (f64.add (local.get $total) (f64.min (f64.load (local.get $at)) (local.get $most))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
    ;; Nothing grows anywhere: all shares are zero.
    (if (f64.eq (local.get $total) (f64.const 0)) (then (local.set $total (f64.const 1))))
    (loop $two
      (local.set $root
        (f64x2.sqrt
          (f64x2.div (f64x2.min (v128.load (local.get $cells)) (f64x2.splat (local.get $most)))
            (f64x2.splat (local.get $total)))))
      (local.set $root
        (f64x2.div (f64x2.mul (local.get $root) (v128.const f64x2 255 255)) (f64x2.splat (local.get $full))))
      ;; Halves are rounded up, as Math.round does.
      (local.set $above (f64x2.ceil (local.get $root)))
      (local.set $above
        (f64x2.sub (local.get $above)
          (v128.and
            (f64x2.gt (f64x2.sub (local.get $above) (v128.const f64x2 0.5 0.5)) (local.get $root))
            (v128.const f64x2 1 1))))
      (local.set $above
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.min (local.get $above) (v128.const f64x2 255 255))))
      (i32.store8 (local.get $to) (i32x4.extract_lane 0 (local.get $above)))
      (i32.store8 offset=1 (local.get $to) (i32x4.extract_lane 1 (local.get $above)))
      (local.set $to (i32.add (local.get $to) (i32.const 2)))
      (br_if $two (i32.lt_u (local.tee $cells (i32.add (local.get $cells) (i32.const 16))) (local.get $end))))))
