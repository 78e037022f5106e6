;; What is in a grid of 64 rows of 64 tones (f64): its low frequencies, and sums that say how much they mean. All sums are
;; added up in the order of the plain loops, and so are the same to the last bit.
(module
  (memory (import "arena" "memory") 1)

  ;; Transforms $rows rows of 64 numbers (f64): of each the frequencies 1 to 16, written 8 bytes behind those of the row
  ;; before, $step bytes from frequency to frequency. $folded is room for 64 numbers (f64). $cosines holds for each sample
  ;; of a half row those of the frequencies 1, 3, 5 … 15, which are antisymmetric, then those of 2, 4, 6 … 16.
  (func (export "transform")
    (param $from i32) (param $rows i32) (param $cosines i32) (param $folded i32) (param $to i32) (param $step i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (i32.shl (local.get $rows) (i32.const 3))))
    (loop $row
      (call $fold (local.get $from) (local.get $folded))
      (call $half (local.get $folded) (local.get $cosines)
        (local.get $to) (i32.shl (local.get $step) (i32.const 1)))
      (call $half (i32.add (local.get $folded) (i32.const 256)) (i32.add (local.get $cosines) (i32.const 64))
        (i32.add (local.get $to) (local.get $step)) (i32.shl (local.get $step) (i32.const 1)))
      (local.set $from (i32.add (local.get $from) (i32.const 512)))
      (br_if $row
        (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 8))) (local.get $end)))))

  ;; The differences of the left half of a row and its right half, mirrored, then their sums.
  (func $fold (param $row i32) (param $to i32)
    (local $left v128) (local $right v128) (local $mirror i32) (local $end i32)
    (local.set $mirror (i32.add (local.get $row) (i32.const 496)))
    (local.set $end (i32.add (local.get $row) (i32.const 256)))
    (loop $two
      (local.set $left (v128.load (local.get $row)))
      (local.set $right (v128.load (local.get $mirror)))
      (local.set $right
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $right) (local.get $right)))
      (v128.store (local.get $to) (f64x2.sub (local.get $left) (local.get $right)))
      (v128.store offset=256 (local.get $to) (f64x2.add (local.get $left) (local.get $right)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $mirror (i32.sub (local.get $mirror) (i32.const 16)))
      (br_if $two
        (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 16))) (local.get $end)))))

  ;; Eight frequencies of the 32 numbers of a folded row.
  (func $half (param $folded i32) (param $cosines i32) (param $to i32) (param $step i32)
    (local $end i32) (local $number v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $folded) (i32.const 256)))
    (loop $sample
      (local.set $number (v128.load64_splat (local.get $folded)))
      (local.set $a (f64x2.add (local.get $a) (f64x2.mul (v128.load (local.get $cosines)) (local.get $number))))
      (local.set $b
        (f64x2.add (local.get $b) (f64x2.mul (v128.load offset=16 (local.get $cosines)) (local.get $number))))
      (local.set $c
        (f64x2.add (local.get $c) (f64x2.mul (v128.load offset=32 (local.get $cosines)) (local.get $number))))
      (local.set $d
        (f64x2.add (local.get $d) (f64x2.mul (v128.load offset=48 (local.get $cosines)) (local.get $number))))
      (local.set $cosines (i32.add (local.get $cosines) (i32.const 128)))
      (br_if $sample
        (i32.lt_u (local.tee $folded (i32.add (local.get $folded) (i32.const 8))) (local.get $end))))
    (call $spread (local.get $a) (local.get $to) (local.get $step))
    (call $spread (local.get $b) (local.tee $to (i32.add (local.get $to) (i32.shl (local.get $step) (i32.const 1))))
      (local.get $step))
    (call $spread (local.get $c) (local.tee $to (i32.add (local.get $to) (i32.shl (local.get $step) (i32.const 1))))
      (local.get $step))
    (call $spread (local.get $d) (i32.add (local.get $to) (i32.shl (local.get $step) (i32.const 1)))
      (local.get $step)))

  (func $spread (param $both v128) (param $to i32) (param $step i32)
    (v128.store64_lane 0 (local.get $to) (local.get $both))
    (v128.store64_lane 1 (i32.add (local.get $to) (local.get $step)) (local.get $both)))

  ;; The squared differences between neighbours, added up in 64 blocks of 8 rows of 8, from $blocks on (f64).
  (func (export "edges") (param $grid i32) (param $blocks i32)
    (local $y i32) (local $x i32) (local $block i32) (local $sum f64) (local $across f64) (local $down f64)
    (memory.fill (local.get $blocks) (i32.const 0) (i32.const 512))
    (loop $row
      (local.set $x (i32.const 0))
      (loop $next
        (local.set $block
          (i32.add (local.get $blocks)
            (i32.add
              (i32.shl (i32.shr_u (local.get $y) (i32.const 3)) (i32.const 6))
              (i32.and (local.get $x) (i32.const 56)))))
        (local.set $sum (f64.load (local.get $block)))
        ;; The tones of a row within one block.
        (loop $within
          (local.set $across (f64.sub (f64.load offset=8 (local.get $grid)) (f64.load (local.get $grid))))
          (local.set $down (f64.sub (f64.load offset=512 (local.get $grid)) (f64.load (local.get $grid))))
          (local.set $sum
            (f64.add (local.get $sum)
              (f64.add
                (f64.mul (local.get $across) (local.get $across)) (f64.mul (local.get $down) (local.get $down)))))
          (local.set $grid (i32.add (local.get $grid) (i32.const 8)))
          (local.set $x (i32.add (local.get $x) (i32.const 1)))
          (br_if $within
            (i32.and
              (i32.ne (i32.and (local.get $x) (i32.const 7)) (i32.const 0)) (i32.lt_u (local.get $x) (i32.const 63)))))
        (f64.store (local.get $block) (local.get $sum))
        (br_if $next (i32.lt_u (local.get $x) (i32.const 63))))
      (local.set $grid (i32.add (local.get $grid) (i32.const 8)))
      (br_if $row
        (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (i32.const 63)))))

  ;; Adds up the tones: 64 sums of rows, 64 sums of columns, the sum of all squares and that of all, from $sums on (f64).
  (func (export "totals") (param $grid i32) (param $sums i32)
    (local $columns i32) (local $end i32) (local $at i32) (local $last i32)
    (local $row f64) (local $squares f64) (local $all f64) (local $tone f64)
    (local.set $columns (i32.add (local.get $sums) (i32.const 512)))
    (local.set $end (local.get $columns))
    (memory.fill (local.get $columns) (i32.const 0) (i32.const 512))
    (loop $line
      (local.set $row (f64.const 0))
      (local.set $at (local.get $columns))
      (local.set $last (i32.add (local.get $columns) (i32.const 512)))
      (loop $next
        (local.set $tone (f64.load (local.get $grid)))
        (local.set $row (f64.add (local.get $row) (local.get $tone)))
        (f64.store (local.get $at) (f64.add (f64.load (local.get $at)) (local.get $tone)))
        (local.set $squares (f64.add (local.get $squares) (f64.mul (local.get $tone) (local.get $tone))))
        (local.set $all (f64.add (local.get $all) (local.get $tone)))
        (local.set $grid (i32.add (local.get $grid) (i32.const 8)))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $last))))
      (f64.store (local.get $sums) (local.get $row))
      (br_if $line
        (i32.lt_u (local.tee $sums (i32.add (local.get $sums) (i32.const 8))) (local.get $end))))
    (f64.store offset=512 (local.get $sums) (local.get $squares))
    (f64.store offset=520 (local.get $sums) (local.get $all))))
