;; The inner loop of the visual search: compares the hashes of a block, 256 bits each, with one probe.
;;
;; Mirroring a picture negates whole classes of its hash (see signHash). With m0, m1, m2 = 32 - distance of the classes
;; 0, 1 and 2, the smallest distance over the four flips is
;;   distance of class 3, the pivot, which no flip changes
;;   + 96 - max(m0 + m1 + m2, m1 - m0 - m2, m2 - m0 - m1, m0 - m1 - m2).
;; Nearly every row fails at its pivot alone.
;;
;; Layout, in bytes:
;;   block  1024 pivots of 8 bytes, then at 8192 the classes 0 to 2 of each row, 24 bytes
;;   probe  0: pivot, 8: class 0, 16: class 1, 24: class 2, 32: threshold (i32), 36: bound of the pivot's distance (i32)
;;   hit    0: row (u16), 2: threshold - distance (u16)
(module
  (memory (import "arena" "memory") 1)

  ;; Scans $rows rows, a multiple of four, and writes the hits from $hits on. Returns the address behind the last hit.
  (func (export "scan") (param $block i32) (param $rows i32) (param $probe i32) (param $hits i32) (result i32)
    (local $pivot i64) (local $bound i32) (local $at i32) (local $end i32)
    (local.set $pivot (i64.load (local.get $probe)))
    (local.set $bound (i32.load offset=36 (local.get $probe)))
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
            (call $check (local.get $block) (local.get $at) (local.get $probe) (local.get $hits)))))
      (br_if $four
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $end))))
    (local.get $hits))

  ;; Compares the whole hashes of the four rows whose pivots begin at $at. Returns the address behind the last hit.
  (func $check (param $block i32) (param $at i32) (param $probe i32) (param $hits i32) (result i32)
    (local $end i32)
    (local $rest i32) ;; the classes 0 to 2 of the row
    (local $d i32) ;; distance of the pivot, then threshold - distance
    (local $m0 i32) (local $m1 i32) (local $m2 i32)
    (local.set $end (i32.add (local.get $at) (i32.const 32)))
    (loop $row
      (local.set $d
        (i32.wrap_i64 (i64.popcnt (i64.xor (i64.load (local.get $at)) (i64.load (local.get $probe))))))
      (if (i32.le_u (local.get $d) (i32.load offset=36 (local.get $probe)))
        (then
          ;; A row has 8 bytes of pivot and 24 of the rest.
          (local.set $rest
            (i32.add
              (i32.add (local.get $block) (i32.const 8192))
              (i32.mul (i32.sub (local.get $at) (local.get $block)) (i32.const 3))))
          (local.set $m0 (call $agreement (i64.load (local.get $rest)) (i64.load offset=8 (local.get $probe))))
          (local.set $m1 (call $agreement (i64.load offset=8 (local.get $rest)) (i64.load offset=16 (local.get $probe))))
          (local.set $m2 (call $agreement (i64.load offset=16 (local.get $rest)) (i64.load offset=24 (local.get $probe))))
          (local.set $d
            (i32.add
              (i32.sub (i32.load offset=32 (local.get $probe)) (i32.add (local.get $d) (i32.const 96)))
              (call $max
                (call $max
                  (i32.add (local.get $m0) (i32.add (local.get $m1) (local.get $m2)))
                  (i32.sub (local.get $m1) (i32.add (local.get $m0) (local.get $m2))))
                (call $max
                  (i32.sub (local.get $m2) (i32.add (local.get $m0) (local.get $m1)))
                  (i32.sub (local.get $m0) (i32.add (local.get $m1) (local.get $m2)))))))
          (if (i32.ge_s (local.get $d) (i32.const 0))
            (then
              (i32.store16 (local.get $hits) (i32.shr_u (i32.sub (local.get $at) (local.get $block)) (i32.const 3)))
              (i32.store16 offset=2 (local.get $hits) (local.get $d))
              (local.set $hits (i32.add (local.get $hits) (i32.const 4)))))))
      (br_if $row
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
    (local.get $hits))

  ;; 32 - distance of two classes: 32 when they are equal, -32 when one is the other negated.
  (func $agreement (param $a i64) (param $b i64) (result i32)
    (i32.sub (i32.const 32) (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $a) (local.get $b))))))

  (func $max (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.gt_s (local.get $a) (local.get $b)))))
