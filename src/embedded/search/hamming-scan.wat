;; The inner loops of the visual search: compare hashes, 256 bits each, with one probe.
;;
;; Mirroring a picture negates whole classes of its hash (see signHash). With m0, m1, m2 = 32 - distance of the classes
;; 0, 1 and 2, the smallest distance over the four flips is
;;   distance of class 3, the pivot, which no flip changes
;;   + 96 - max(m0 + m1 + m2, m1 - m0 - m2, m2 - m0 - m1, m0 - m1 - m2).
;; Nearly every row fails at its pivot alone. What is near enough must also agree with the probe in a chunk, a lane of 16
;; bits (see hash-chunks.ts): in all bits but one of the probe's doubtful ones, or in none but one where flips negate the
;; class.
;;
;; Layout, in bytes:
;;   block  1024 pivots of 8 bytes, then at 8192 the classes 0 to 2 of each row, 24 bytes
;;   probe  0: pivot, 8: class 0, 16: class 1, 24: class 2, 32: which bits of each are doubtful, in the same order,
;;          64: threshold (i32), 68: bound of the pivot's distance (i32)
(module
  (memory (import "arena" "memory") 1)

  ;; Scans $rows rows of a block, a multiple of four, and writes the hits from $hits on: row (u16), threshold - distance
  ;; (u16). Returns the address behind the last hit.
  (func (export "scan") (param $block i32) (param $rows i32) (param $probe i32) (param $hits i32) (result i32)
    (local $pivot i64) (local $bound i32) (local $at i32) (local $end i32)
    (local.set $pivot (i64.load (local.get $probe)))
    (local.set $bound (i32.load offset=68 (local.get $probe)))
    (local.set $at (local.get $block))
    (local.set $end (i32.add (local.get $block) (i32.shl (local.get $rows) (i32.const 3))))
    ;; Four rows a turn and one branch for all of them, which is hardly ever taken.
    (loop $four
      (if
        (i32.or
          (i32.or
            (i32.or
              (i32.le_u
                (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=0 (local.get $at)))))
                (local.get $bound))
              (i32.le_u
                (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=8 (local.get $at)))))
                (local.get $bound)))
            (i32.le_u
              (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=16 (local.get $at)))))
              (local.get $bound)))
          (i32.le_u
            (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=24 (local.get $at)))))
            (local.get $bound)))
        (then
          (local.set $hits
            (call $scanFour (local.get $block) (local.get $at) (local.get $probe) (local.get $hits)))))
      (br_if $four
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $end))))
    (local.get $hits))

  ;; Compares the whole hashes of the four rows whose pivots begin at $at. Returns the address behind the last hit.
  (func $scanFour (param $block i32) (param $at i32) (param $probe i32) (param $hits i32) (result i32)
    (local $end i32) (local $margin i32)
    (local.set $end (i32.add (local.get $at) (i32.const 32)))
    (loop $row
      (local.set $margin
        (call $margin
          (local.get $at)
          ;; A row has 8 bytes of pivot and 24 of the rest.
          (i32.add
            (i32.add (local.get $block) (i32.const 8192))
            (i32.mul (i32.sub (local.get $at) (local.get $block)) (i32.const 3)))
          (local.get $probe)))
      (if (i32.ge_s (local.get $margin) (i32.const 0))
        (then
          (i32.store16 (local.get $hits) (i32.shr_u (i32.sub (local.get $at) (local.get $block)) (i32.const 3)))
          (i32.store16 offset=2 (local.get $hits) (local.get $margin))
          (local.set $hits (i32.add (local.get $hits) (i32.const 4)))))
      (br_if $row
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
    (local.get $hits))

  ;; Compares rows, $count of them, one at least, with probes, run by run. From $runs on stands of each run how many rows it has
  ;; (u32, one at least), the address of its probe (u32), and what its rows are counted from (u32). The lower 16 bits of the
  ;; numbers of all rows stand from $lower on, the 8 above from $upper on. $blocks is where the addresses of the blocks stand
  ;; (u32). From $rows on there is room for two words a row and one more. Writes the hits from $hits on, which has room for 16
  ;; bytes a row and 16 more: row (u32), threshold - distance (u32). Returns the address behind the last hit.
  ;;
  ;; Rows that an index gives lie anywhere in memory. What is read of them is touched beforehand, many rows at once.
  (func (export "check")
    (param $lower i32) (param $upper i32) (param $count i32) (param $runs i32) (param $rows i32) (param $blocks i32)
    (param $hits i32)
    (result i32)
    (local $pivots i32) (local $end i32) (local $near i32)
    (local.set $pivots (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $end (i32.add (local.get $pivots) (i32.shl (local.get $count) (i32.const 2))))
    (call $findPivots
      (local.get $lower) (local.get $upper) (local.get $runs)
      (local.get $rows) (local.get $pivots) (local.get $end) (local.get $blocks))
    (call $touch (local.get $pivots) (local.get $end) (i32.const 4))
    (local.set $near
      (call $keepNear (local.get $rows) (local.get $pivots) (local.get $end) (local.get $runs) (local.get $hits)))
    (if (i32.eq (local.get $near) (local.get $hits)) (then (return (local.get $hits))))
    (call $touch (i32.add (local.get $hits) (i32.const 12)) (local.get $near) (i32.const 16))
    (call $keepMatches (local.get $hits) (local.get $near)))

  ;; Writes the numbers of all rows from $rows on, and the addresses of their pivots from $at to before $end.
  (func $findPivots
    (param $lower i32) (param $upper i32) (param $runs i32)
    (param $rows i32) (param $at i32) (param $end i32) (param $blocks i32)
    (local $endOfRun i32) (local $first i32) (local $row i32)
    (loop $run
      (local.set $endOfRun (i32.add (local.get $at) (i32.shl (i32.load (local.get $runs)) (i32.const 2))))
      (local.set $first (i32.load offset=8 (local.get $runs)))
      (local.set $runs (i32.add (local.get $runs) (i32.const 12)))
      (loop $next
        (local.set $row
          (i32.add
            (local.get $first)
            (i32.or
              (i32.load16_u (local.get $lower))
              (i32.shl (i32.load8_u (local.get $upper)) (i32.const 16)))))
        (i32.store (local.get $rows) (local.get $row))
        (i32.store
          (local.get $at)
          (i32.add
            (i32.load
              (i32.add (local.get $blocks) (i32.shl (i32.shr_u (local.get $row) (i32.const 10)) (i32.const 2))))
            (i32.shl (i32.and (local.get $row) (i32.const 1023)) (i32.const 3))))
        (local.set $lower (i32.add (local.get $lower) (i32.const 2)))
        (local.set $upper (i32.add (local.get $upper) (i32.const 1)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $endOfRun))))
      (br_if $run (i32.lt_u (local.get $at) (local.get $end)))))

  ;; Reads a word at each of the addresses that stand from $at to before $end, every $step bytes. As the loop does nothing
  ;; else, the processor waits for as many of them at once as it can. The word behind is written so that the loads count.
  (func $touch (param $at i32) (param $end i32) (param $step i32)
    (local $words i32)
    (loop $next
      (local.set $words (i32.or (local.get $words) (i32.load (i32.load (local.get $at)))))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (local.get $step))) (local.get $end))))
    (i32.store (local.get $at) (local.get $words)))

  ;; Writes from $near on which rows have pivots near enough: row, address of the probe, address of the pivot, address of
  ;; the classes 0 to 2. Returns the address behind the last of them.
  (func $keepNear
    (param $rows i32) (param $at i32) (param $end i32) (param $runs i32) (param $near i32) (result i32)
    (local $endOfRun i32) (local $probe i32) (local $pivot i64) (local $bound i32) (local $row i32) (local $place i32)
    (loop $run
      (local.set $endOfRun (i32.add (local.get $at) (i32.shl (i32.load (local.get $runs)) (i32.const 2))))
      (local.set $probe (i32.load offset=4 (local.get $runs)))
      (local.set $runs (i32.add (local.get $runs) (i32.const 12)))
      (local.set $pivot (i64.load (local.get $probe)))
      (local.set $bound (i32.load offset=68 (local.get $probe)))
      (loop $next
        (if
          (i32.le_u
            (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load (i32.load (local.get $at))))))
            (local.get $bound))
          (then
            (local.set $row (i32.load (local.get $rows)))
            (local.set $place (i32.and (local.get $row) (i32.const 1023)))
            (i32.store (local.get $near) (local.get $row))
            (i32.store offset=4 (local.get $near) (local.get $probe))
            (i32.store offset=8 (local.get $near) (i32.load (local.get $at)))
            ;; A row has 8 bytes of pivot and 24 of the rest: 8192 + 24 * place - 8 * place behind the pivot.
            (i32.store offset=12
              (local.get $near)
              (i32.add
                (i32.add (i32.load (local.get $at)) (i32.const 8192))
                (i32.shl (local.get $place) (i32.const 4))))
            (local.set $near (i32.add (local.get $near) (i32.const 16)))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $endOfRun))))
      (br_if $run (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $near))

  ;; Writes the hits among what $keepNear wrote over it. Returns the address behind the last hit.
  (func $keepMatches (param $at i32) (param $end i32) (result i32)
    (local $hits i32) (local $margin i32)
    (local.set $hits (local.get $at))
    (loop $next
      (local.set $margin
        (call $margin
          (i32.load offset=8 (local.get $at))
          (i32.load offset=12 (local.get $at))
          (i32.load offset=4 (local.get $at))))
      (if (i32.ge_s (local.get $margin) (i32.const 0))
        (then
          (i32.store (local.get $hits) (i32.load (local.get $at)))
          (i32.store offset=4 (local.get $hits) (local.get $margin))
          (local.set $hits (i32.add (local.get $hits) (i32.const 8)))))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (local.get $hits))

  ;; threshold - distance of the row whose pivot stands at $at, and the classes 0 to 2 at $rest; negative when it does not
  ;; match.
  (func $margin (param $at i32) (param $rest i32) (param $probe i32) (result i32)
    (local $pivot i64)
    (local $x0 i64) (local $x1 i64) (local $x2 i64)
    (local $m0 i32) (local $m1 i32) (local $m2 i32) (local $d i32)
    (local.set $pivot (i64.xor (i64.load (local.get $at)) (i64.load (local.get $probe))))
    (local.set $d (i32.wrap_i64 (i64.popcnt (local.get $pivot))))
    (if (i32.gt_u (local.get $d) (i32.load offset=68 (local.get $probe))) (then (return (i32.const -1))))
    (local.set $x0 (i64.xor (i64.load (local.get $rest)) (i64.load offset=8 (local.get $probe))))
    (local.set $x1 (i64.xor (i64.load offset=8 (local.get $rest)) (i64.load offset=16 (local.get $probe))))
    (local.set $x2 (i64.xor (i64.load offset=16 (local.get $rest)) (i64.load offset=24 (local.get $probe))))
    (local.set $m0 (call $agreement (local.get $x0)))
    (local.set $m1 (call $agreement (local.get $x1)))
    (local.set $m2 (call $agreement (local.get $x2)))
    (local.set $d
      (i32.add
        (i32.sub (i32.load offset=64 (local.get $probe)) (i32.add (local.get $d) (i32.const 96)))
        (call $max
          (call $max
            (i32.add (local.get $m0) (i32.add (local.get $m1) (local.get $m2)))
            (i32.sub (local.get $m1) (i32.add (local.get $m0) (local.get $m2))))
          (call $max
            (i32.sub (local.get $m2) (i32.add (local.get $m0) (local.get $m1)))
            (i32.sub (local.get $m0) (i32.add (local.get $m1) (local.get $m2)))))))
    (if (i32.lt_s (local.get $d) (i32.const 0)) (then (return (i32.const -1))))
    (if
      (i32.or
        (i32.or
          (call $hasEvenLane (local.get $pivot) (i64.load offset=32 (local.get $probe)))
          (call $hasEvenLaneOfEither (local.get $x0) (i64.load offset=40 (local.get $probe))))
        (i32.or
          (call $hasEvenLaneOfEither (local.get $x1) (i64.load offset=48 (local.get $probe)))
          (call $hasEvenLaneOfEither (local.get $x2) (i64.load offset=56 (local.get $probe)))))
      (then (return (local.get $d))))
    (i32.const -1))

  ;; 32 - distance of two classes: 32 when they are equal, -32 when one is the other negated.
  (func $agreement (param $difference i64) (result i32)
    (i32.sub (i32.const 32) (i32.wrap_i64 (i64.popcnt (local.get $difference)))))

  ;; Whether two classes agree in a chunk, or would if one of them were negated.
  (func $hasEvenLaneOfEither (param $difference i64) (param $doubtful i64) (result i32)
    (i32.or
      (call $hasEvenLane (local.get $difference) (local.get $doubtful))
      (call $hasEvenLane (i64.xor (local.get $difference) (i64.const -1)) (local.get $doubtful))))

  ;; Whether one of the first three lanes of 16 bits is zero, but for one doubtful bit at most.
  (func $hasEvenLane (param $difference i64) (param $doubtful i64) (result i32)
    (local $lanes i32) (local $lane i32)
    (local.set $lanes (i32.const 3))
    (loop $next
      (local.set $lane (i32.and (i32.wrap_i64 (local.get $difference)) (i32.const 0xffff)))
      (if
        (i32.eqz
          (i32.or
            (i32.and (local.get $lane) (i32.xor (i32.wrap_i64 (local.get $doubtful)) (i32.const -1)))
            (i32.and (local.get $lane) (i32.sub (local.get $lane) (i32.const 1)))))
        (then (return (i32.const 1))))
      (local.set $difference (i64.shr_u (local.get $difference) (i64.const 16)))
      (local.set $doubtful (i64.shr_u (local.get $doubtful) (i64.const 16)))
      (br_if $next (local.tee $lanes (i32.sub (local.get $lanes) (i32.const 1)))))
    (i32.const 0))

  (func $max (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.gt_s (local.get $a) (local.get $b)))))
