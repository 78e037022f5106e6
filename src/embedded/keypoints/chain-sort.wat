;; Sorts slots (see code-chains.wat) by their chains where they are: no second copy of a large collection is needed. A chain
;; has a number, the upper $bits of the last 22 of the lower half of its codes. The slots are spread by the upper digit of
;; that number, and then, where the spread ones fit into the processor's cache, by its last 10 bits.
(module
  (memory (import "arena" "memory") 1)

  ;; Sorts the slots from 0 to before $end. Writes where each chain ends, the slot behind its last one, to the blocks of ends
  ;; that are listed at $ends. $scratch is room for four lists, 16 KiB each: a digit has 12 bits at most. $bits is from 10 to
  ;; 22.
  (func (export "sort")
    (param $slots i32) (param $end i32) (param $bits i32) (param $ends i32) (param $scratch i32)
    (local $first i32) (local $digits i32) (local $digit i32) (local $upperEnds i32) (local $lower i32)
    (local $lowerEnds i32)
    (local.set $digits (i32.shl (i32.const 1) (i32.sub (local.get $bits) (i32.const 10))))
    (local.set $upperEnds (i32.add (local.get $scratch) (i32.const 16384)))
    (local.set $lower (i32.add (local.get $scratch) (i32.const 32768)))
    (local.set $lowerEnds (i32.add (local.get $scratch) (i32.const 49152)))
    (call $spread
      (local.get $slots) (local.get $first) (local.get $end)
      (i32.sub (i32.const 32) (local.get $bits)) (local.get $digits) (local.get $scratch) (local.get $upperEnds))
    (loop $next
      (local.set $end
        (i32.load (i32.add (local.get $upperEnds) (i32.shl (local.get $digit) (i32.const 2)))))
      (call $spread
        (local.get $slots) (local.get $first) (local.get $end)
        (i32.sub (i32.const 22) (local.get $bits)) (i32.const 1024) (local.get $lower) (local.get $lowerEnds))
      ;; A block has the ends of 4096 chains, and so those of four digits.
      (memory.copy
        (i32.add
          (i32.load
            (i32.add (local.get $ends) (i32.shl (i32.shr_u (local.get $digit) (i32.const 2)) (i32.const 2))))
          (i32.shl (i32.and (local.get $digit) (i32.const 3)) (i32.const 12)))
        (local.get $lowerEnds)
        (i32.const 4096))
      (local.set $first (local.get $end))
      (br_if $next
        (i32.lt_u (local.tee $digit (i32.add (local.get $digit) (i32.const 1))) (local.get $digits)))))

  ;; Sorts the slots from $first to before $end by a digit of the lower half of their codes: the one that is $shift bits from
  ;; the right, and has $digits values, a power of two. Writes the slot behind the last one of each value from $ends on (u32).
  ;; $next is room for as much.
  (func $spread (export "spread")
    (param $slots i32) (param $first i32) (param $end i32)
    (param $shift i32) (param $digits i32) (param $next i32) (param $ends i32)
    (local $mask i32) (local $slot i32) (local $digit i32) (local $at i32) (local $count i32)
    (local $place i32)
    (local.set $mask (i32.sub (local.get $digits) (i32.const 1)))
    (memory.fill (local.get $next) (i32.const 0) (i32.shl (local.get $digits) (i32.const 2)))
    ;; How many there are of each value.
    (local.set $slot (local.get $first))
    (block $counted
      (loop $each
        (br_if $counted (i32.ge_u (local.get $slot) (local.get $end)))
        (local.set $at
          (i32.add
            (local.get $next)
            (i32.shl
              (i32.and
                (i32.shr_u
                  (i32.load
                    (i32.add
                      (i32.load
                        (i32.add
                          (local.get $slots)
                          (i32.shl (i32.shr_u (local.get $slot) (i32.const 10)) (i32.const 2))))
                      (i32.shl (i32.and (local.get $slot) (i32.const 1023)) (i32.const 4))))
                  (local.get $shift))
                (local.get $mask))
              (i32.const 2))))
        (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
        (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
        (br $each)))
    ;; Where they begin and end.
    (local.set $slot (local.get $first))
    (loop $each
      (local.set $at (i32.shl (local.get $digit) (i32.const 2)))
      (local.set $count (i32.load (i32.add (local.get $next) (local.get $at))))
      (i32.store (i32.add (local.get $next) (local.get $at)) (local.get $slot))
      (local.set $slot (i32.add (local.get $slot) (local.get $count)))
      (i32.store (i32.add (local.get $ends) (local.get $at)) (local.get $slot))
      (br_if $each
        (i32.lt_u (local.tee $digit (i32.add (local.get $digit) (i32.const 1))) (local.get $digits))))
    ;; Each slot that does not stand with its value is taken to the next place of that, and what stood there is held.
    (local.set $digit (i32.const 0))
    (loop $value
      (local.set $at (i32.add (local.get $next) (i32.shl (local.get $digit) (i32.const 2))))
      (local.set $count (i32.load (i32.add (local.get $ends) (i32.shl (local.get $digit) (i32.const 2)))))
      (block $full
        (loop $each
          (br_if $full (i32.ge_u (local.tee $slot (i32.load (local.get $at))) (local.get $count)))
          (local.set $place
            (i32.add
              (i32.load
                (i32.add (local.get $slots) (i32.shl (i32.shr_u (local.get $slot) (i32.const 10)) (i32.const 2))))
              (i32.shl (i32.and (local.get $slot) (i32.const 1023)) (i32.const 4))))
          (v128.store
            (local.get $place)
            (call $exchanged
              (v128.load (local.get $place)) (local.get $slots) (local.get $digit) (local.get $shift) (local.get $mask)
              (local.get $next)))
          (i32.store (local.get $at) (i32.add (local.get $slot) (i32.const 1)))
          (br $each)))
      (br_if $value
        (i32.lt_u (local.tee $digit (i32.add (local.get $digit) (i32.const 1))) (local.get $digits)))))

  ;; Takes $held, and what stood where it belongs, and so on, each to the next place of its value, until what is held has
  ;; the value $wanted. Returns that.
  (func $exchanged
    (param $held v128) (param $slots i32) (param $wanted i32) (param $shift i32) (param $mask i32) (param $next i32)
    (result v128)
    (local $digit i32) (local $slot i32) (local $place i32) (local $met v128)
    (loop $each
      (local.set $digit
        (i32.and (i32.shr_u (i32x4.extract_lane 0 (local.get $held)) (local.get $shift)) (local.get $mask)))
      (if (i32.eq (local.get $digit) (local.get $wanted)) (then (return (local.get $held))))
      (local.set $digit (i32.add (local.get $next) (i32.shl (local.get $digit) (i32.const 2))))
      (local.set $slot (i32.load (local.get $digit)))
      (i32.store (local.get $digit) (i32.add (local.get $slot) (i32.const 1)))
      (local.set $place
        (i32.add
          (i32.load
            (i32.add (local.get $slots) (i32.shl (i32.shr_u (local.get $slot) (i32.const 10)) (i32.const 2))))
          (i32.shl (i32.and (local.get $slot) (i32.const 1023)) (i32.const 4))))
      (local.set $met (v128.load (local.get $place)))
      (v128.store (local.get $place) (local.get $held))
      (local.set $held (local.get $met))
      (br $each))
    (local.get $held)))
