;; Looks up codes of 64 bits. Slots whose codes begin alike are linked to chains, and a look-up follows many chains at once:
;; a step in all of them, then the next one, so that the processor waits for the memory of many slots at a time. Nothing
;; branches on what a slot holds.
;;
;; A slot is 16 bytes: the two halves of its code, the next slot of its chain, counted from 1, or 0, and its place in the
;; picture. Slots and heads, the first slot of each chain, lie in blocks of 16 KiB: 1024 slots or 4096 heads. Where blocks
;; are is listed by address (u32).
(module
  (memory (import "arena" "memory") 1)

  ;; Writes from $to on the slots (u32, counted from 1) that the chains begin with whose numbers differ from $chain only in
  ;; bits of $weak. Returns the address behind the last one.
  (func (export "begin")
    (param $chain i32) (param $weak i32) (param $heads i32) (param $to i32) (result i32)
    (local $turned i32) (local $head i32)
    (loop $next
      (local.set $head (i32.xor (local.get $chain) (local.get $turned)))
      (i32.store
        (local.get $to)
        (local.tee $head
          (i32.load
            (i32.add
              (i32.load
                (i32.add (local.get $heads) (i32.shl (i32.shr_u (local.get $head) (i32.const 12)) (i32.const 2))))
              (i32.shl (i32.and (local.get $head) (i32.const 4095)) (i32.const 2))))))
      (local.set $to
        (i32.add (local.get $to) (i32.shl (i32.ne (local.get $head) (i32.const 0)) (i32.const 2))))
      ;; The next one of all sets of weak bits; after the last comes the empty one.
      (br_if $next
        (local.tee $turned
          (i32.and (i32.sub (local.get $turned) (local.get $weak)) (local.get $weak)))))
    (local.get $to))

  ;; Follows the chains at the slots that stand from $at to $end, one at least. Writes the hits from $hits on: slot, counted
  ;; from 0, and distance (u32 each). They differ from the code in none of the bits of $strict and in $most bits at most.
  ;; Returns the address behind the last hit. When it is beyond $room, chains may go on: the slots that come next then stand
  ;; from $at on, up to the address that stands at $left.
  (func (export "follow")
    (param $low i32) (param $high i32) (param $strict i32) (param $most i32)
    (param $slots i32) (param $at i32) (param $end i32) (param $left i32)
    (param $hits i32) (param $room i32) (result i32)
    (local $from i32) (local $to i32) (local $slot i32) (local $place i32)
    (local $difference i32) (local $distance i32) (local $next i32)
    (loop $step
      (local.set $from (local.get $at))
      (local.set $to (local.get $at))
      (loop $chain
        (local.set $slot (i32.sub (i32.load (local.get $from)) (i32.const 1)))
        (local.set $place
          (i32.add
            (i32.load
              (i32.add (local.get $slots) (i32.shl (i32.shr_u (local.get $slot) (i32.const 10)) (i32.const 2))))
            (i32.shl (i32.and (local.get $slot) (i32.const 1023)) (i32.const 4))))
        (local.set $difference (i32.xor (i32.load (local.get $place)) (local.get $low)))
        (local.set $distance
          (i32.add
            (i32.popcnt (local.get $difference))
            (i32.popcnt (i32.xor (i32.load offset=4 (local.get $place)) (local.get $high)))))
        (i32.store (local.get $to) (local.tee $next (i32.load offset=8 (local.get $place))))
        (local.set $to
          (i32.add (local.get $to) (i32.shl (i32.ne (local.get $next) (i32.const 0)) (i32.const 2))))
        (i32.store (local.get $hits) (local.get $slot))
        (i32.store offset=4 (local.get $hits) (local.get $distance))
        (local.set $hits
          (i32.add
            (local.get $hits)
            (i32.shl
              (i32.and
                (i32.eqz (i32.and (local.get $difference) (local.get $strict)))
                (i32.le_u (local.get $distance) (local.get $most)))
              (i32.const 3))))
        (br_if $chain
          (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 4))) (local.get $end))))
      (local.set $end (local.get $to))
      (br_if $step
        (i32.and
          (i32.gt_u (local.get $end) (local.get $at))
          (i32.le_u (local.get $hits) (local.get $room)))))
    (i32.store (local.get $left) (local.get $end))
    (local.get $hits)))
