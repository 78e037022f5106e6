;; Looks up codes of 64 bits. Slots whose codes begin alike are a chain, and stand one behind the other, from the slot 0 on.
;; The chains of many codes are listed first, so that the processor waits for the beginnings of many at a time; then they are
;; read.
;;
;; A slot is 16 bytes: the two halves of its code, the number of its keypoint, and its place in the picture. Slots and the
;; ends of chains lie in blocks of 16 KiB: 1024 slots or 4096 ends. Where blocks are is listed by address (u32). A code that
;; is looked for is 16 bytes: its two halves, the bits of the lower one in which alike codes do not differ, and its name.
(module
  (memory (import "arena" "memory") 1)

  ;; Writes from $to on the chains that have slots and whose numbers differ from $chain only in bits of $weak: the first slot,
  ;; the one behind the last, and the address of the code that is looked for there (u32 each). Of others than the $chains from
  ;; $least on, none is written. Returns the address behind the last one.
  (func (export "begin")
    (param $chain i32) (param $weak i32) (param $code i32) (param $ends i32) (param $least i32) (param $chains i32)
    (param $to i32) (result i32)
    (local $turned i32) (local $number i32) (local $before i32) (local $start i32) (local $end i32)
    (loop $next
      (local.set $number (i32.xor (local.get $chain) (local.get $turned)))
      ;; The chain before it; the first one itself in place of what is not there.
      (local.set $before (i32.sub (local.get $number) (i32.ne (local.get $number) (i32.const 0))))
      (local.set $end
        (i32.load
          (i32.add
            (i32.load
              (i32.add (local.get $ends) (i32.shl (i32.shr_u (local.get $number) (i32.const 12)) (i32.const 2))))
            (i32.shl (i32.and (local.get $number) (i32.const 4095)) (i32.const 2)))))
      (local.set $start
        (select
          (i32.load
            (i32.add
              (i32.load
                (i32.add (local.get $ends) (i32.shl (i32.shr_u (local.get $before) (i32.const 12)) (i32.const 2))))
              (i32.shl (i32.and (local.get $before) (i32.const 4095)) (i32.const 2))))
          (i32.const 0)
          (local.get $number)))
      (i32.store (local.get $to) (local.get $start))
      (i32.store offset=4 (local.get $to) (local.get $end))
      (i32.store offset=8 (local.get $to) (local.get $code))
      (local.set $to
        (i32.add
          (local.get $to)
          (i32.mul
            (i32.and
              (i32.ne (local.get $start) (local.get $end))
              (i32.lt_u (i32.sub (local.get $number) (local.get $least)) (local.get $chains)))
            (i32.const 12))))
      ;; The next one of all sets of weak bits; after the last comes the empty one.
      (br_if $next
        (local.tee $turned
          (i32.and (i32.sub (local.get $turned) (local.get $weak)) (local.get $weak)))))
    (local.get $to))

  ;; Reads the chains that are listed from $at to $end, one at least. Writes the hits from $hits on: name of the code,
  ;; distance, $most bits at most, number of the keypoint, and its place (u32 each). Returns the address behind the last hit.
  ;; What is left to read is listed from the address on that stands at $left: all that was listed, unless there are so many
  ;; hits that the last one is beyond $room.
  (func (export "follow")
    (param $most i32) (param $slots i32) (param $at i32) (param $end i32) (param $left i32)
    (param $hits i32) (param $room i32) (result i32)
    (local $slot i32) (local $stop i32) (local $code i32) (local $wanted i64) (local $strict i32)
    (local $place i32) (local $behind i32) (local $difference i64) (local $distance i32)
    (call $touch (local.get $slots) (local.get $at) (local.get $end))
    (loop $chain
      (local.set $slot (i32.load (local.get $at)))
      (local.set $stop (i32.load offset=4 (local.get $at)))
      (local.set $code (i32.load offset=8 (local.get $at)))
      (local.set $wanted (i64.load (local.get $code)))
      (local.set $strict (i32.load offset=8 (local.get $code)))
      ;; What lies in one block.
      (loop $piece
        (if (i32.gt_u (local.get $hits) (local.get $room))
          (then
            (i32.store (local.get $at) (local.get $slot))
            (i32.store (local.get $left) (local.get $at))
            (return (local.get $hits))))
        (local.set $place
          (i32.add
            (i32.load
              (i32.add (local.get $slots) (i32.shl (i32.shr_u (local.get $slot) (i32.const 10)) (i32.const 2))))
            (i32.shl (i32.and (local.get $slot) (i32.const 1023)) (i32.const 4))))
        (local.set $behind (i32.sub (local.get $place) (i32.shl (local.get $slot) (i32.const 4))))
        (local.set $slot (i32.add (i32.or (local.get $slot) (i32.const 1023)) (i32.const 1)))
        (local.set $slot
          (select (local.get $slot) (local.get $stop) (i32.lt_u (local.get $slot) (local.get $stop))))
        (local.set $behind (i32.add (local.get $behind) (i32.shl (local.get $slot) (i32.const 4))))
        (loop $each
          (local.set $difference (i64.xor (i64.load (local.get $place)) (local.get $wanted)))
          ;; One in fifty is so near.
          (if
            (i32.le_u
              (local.tee $distance (i32.wrap_i64 (i64.popcnt (local.get $difference))))
              (local.get $most))
            (then
              (i32.store (local.get $hits) (i32.load offset=12 (local.get $code)))
              (i32.store offset=4 (local.get $hits) (local.get $distance))
              (i64.store offset=8 (local.get $hits) (i64.load offset=8 (local.get $place)))
              (local.set $hits
                (i32.add
                  (local.get $hits)
                  (i32.shl
                    (i32.eqz (i32.and (i32.wrap_i64 (local.get $difference)) (local.get $strict)))
                    (i32.const 4))))))
          (br_if $each
            (i32.lt_u (local.tee $place (i32.add (local.get $place) (i32.const 16))) (local.get $behind))))
        (br_if $piece (i32.lt_u (local.get $slot) (local.get $stop))))
      (br_if $chain
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 12))) (local.get $end))))
    (i32.store (local.get $left) (local.get $end))
    (local.get $hits))

  ;; Reads a word of the first slot of each chain that is listed from $at to before $end. As the loop does nothing else, the
  ;; processor waits for as many of them at once as it can. The word behind the list is written so that the loads count.
  (func $touch (param $slots i32) (param $at i32) (param $end i32)
    (local $slot i32) (local $words i32)
    (loop $next
      (local.set $slot (i32.load (local.get $at)))
      (local.set $words
        (i32.or
          (local.get $words)
          (i32.load
            (i32.add
              (i32.load
                (i32.add (local.get $slots) (i32.shl (i32.shr_u (local.get $slot) (i32.const 10)) (i32.const 2))))
              (i32.shl (i32.and (local.get $slot) (i32.const 1023)) (i32.const 4))))))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 12))) (local.get $end))))
    (i32.store (local.get $end) (local.get $words))))
