;; The inner loop of PackedHashes: compares hashes of 64 bits, laid side by side, with one query.
;; WebAssembly has the processor's popcount and 64-bit integers without BigInt.
;;
;; Layout of the memory, in bytes:
;;   0x0000   matches of the last call, 4 bytes each: address within the page (u16), distance (u16)
;;   0x8000   the query: behind the matches of a full page, 8192 of them
;;   0x10000  hashes, 8 bytes each, which the caller places
(module
  (memory (export "memory") 1)

  ;; Compares the hashes from $at to before $end, at least one and all in one page.
  ;; Returns how many are within the radius; their matches stand at the memory's beginning.
  (func (export "scan") (param $at i32) (param $end i32) (param $radius i32) (result i32)
    (local $distance i32)
    (local $match i32) ;; where the next match goes
    (local $query i64)
    (local.set $query (i64.load (i32.const 0x8000)))
    (loop $hash
      (if
        (i32.le_u
          (local.tee $distance
            (i32.wrap_i64 (i64.popcnt (i64.xor (i64.load (local.get $at)) (local.get $query)))))
          (local.get $radius))
        (then
          (i32.store16 (local.get $match) (local.get $at)) ;; the low 16 bits: the address within the page
          (i32.store16 offset=2 (local.get $match) (local.get $distance))
          (local.set $match (i32.add (local.get $match) (i32.const 4)))))
      (br_if $hash
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
    (i32.shr_u (local.get $match) (i32.const 2))))
