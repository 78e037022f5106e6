;; Looks up codes of 64 bits. Slots whose codes begin alike are linked to chains, and a look-up follows the chains of many
;; codes at once: a step in all of them, then the next one, so that the processor waits for the memory of many slots at a
;; time. Nothing branches on what a slot holds.
;;
;; A slot is 16 bytes: the two halves of its code, the next slot of its chain, counted from 1, or 0, and its place in the
;; picture. Slots and heads, the first slot of each chain, lie in blocks of 16 KiB: 1024 slots or 4096 heads. Where blocks
;; are is listed by address (u32). A code that is looked for is 12 bytes: its two halves, and the bits of the lower one in
;; which alike codes do not differ.
(module
  (memory (import "arena" "memory") 1)

  ;; Writes from $to on the slots (u32, counted from 1) that the chains begin with whose numbers differ from $chain only in
  ;; bits of $weak, each with the address of the code that is looked for in it (u32). Returns the address behind the last one.
  (func (export "begin")
    (param $chain i32) (param $weak i32) (param $code i32) (param $heads i32) (param $to i32) (result i32)
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
      (i32.store offset=4 (local.get $to) (local.get $code))
      (local.set $to
        (i32.add (local.get $to) (i32.shl (i32.ne (local.get $head) (i32.const 0)) (i32.const 3))))
      ;; The next one of all sets of weak bits; after the last comes the empty one.
      (br_if $next
        (local.tee $turned
          (i32.and (i32.sub (local.get $turned) (local.get $weak)) (local.get $weak)))))
    (local.get $to))

  ;; Follows the chains at the slots that stand with their codes from $at to $end, one at least. Writes the hits from $hits
  ;; on: address of the code, slot, counted from 0, and distance, $most bits at most (u32 each). Returns the address behind
  ;; the last hit. When it is beyond $room, chains may go on: the slots that come next then stand with their codes from $at
  ;; on, up to the address that stands at $left.
  (func (export "follow")
    (param $most i32) (param $slots i32) (param $at i32) (param $end i32) (param $left i32)
    (param $hits i32) (param $room i32) (result i32)
    (local $code i32)
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
        (local.set $code (i32.load offset=4 (local.get $from)))
        (local.set $difference (i32.xor (i32.load (local.get $place)) (i32.load (local.get $code))))
        (local.set $distance
          (i32.add
            (i32.popcnt (local.get $difference))
            (i32.popcnt (i32.xor (i32.load offset=4 (local.get $place)) (i32.load offset=4 (local.get $code))))))
        (i32.store (local.get $to) (local.tee $next (i32.load offset=8 (local.get $place))))
        (i32.store offset=4 (local.get $to) (local.get $code))
        (local.set $to
          (i32.add (local.get $to) (i32.shl (i32.ne (local.get $next) (i32.const 0)) (i32.const 3))))
        (i32.store (local.get $hits) (local.get $code))
        (i32.store offset=4 (local.get $hits) (local.get $slot))
        (i32.store offset=8 (local.get $hits) (local.get $distance))
        (local.set $hits
          (i32.add
            (local.get $hits)
            (i32.mul
              (i32.and
                (i32.eqz (i32.and (local.get $difference) (i32.load offset=8 (local.get $code))))
                (i32.le_u (local.get $distance) (local.get $most)))
              (i32.const 12))))
        (br_if $chain
          (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 8))) (local.get $end))))
      (local.set $end (local.get $to))
      (br_if $step
        (i32.and
          (i32.gt_u (local.get $end) (local.get $at))
          (i32.le_u (local.get $hits) (local.get $room)))))
    (i32.store (local.get $left) (local.get $end))
    (local.get $hits)))
