;; What a dHash does with each row of a picture: it makes the pixels grey, and resizes the row to nine samples.
(module
  (memory (import "arena" "memory") 1)

  ;; The luma of $pixels pixels, one at least, of red, green and blue, a byte each: (19595 red + 38470 green + 7471 blue
  ;; + 32768) / 65536. Half of the green goes with the red and half with the blue, so that weights have 15 bits and
  ;; products are added in pairs. Eight pixels at a time: it reads up to 25 bytes behind the last one, and writes up to 7.
  (func (export "luma") (param $from i32) (param $to i32) (param $pixels i32)
    (local $end i32) (local $head v128) (local $tail v128)
    (local.set $end (i32.add (local.get $to) (local.get $pixels)))
    (loop $eight
      ;; Bytes 0 to 15 and 12 to 27: four pixels at the beginning of each.
      (local.set $head (v128.load (local.get $from)))
      (local.set $tail (v128.load offset=12 (local.get $from)))
      (local.set $head
        (i32x4.shr_u
          (i32x4.add
            (v128.const i32x4 0x8000 0x8000 0x8000 0x8000)
            (i32x4.add
              (i32x4.dot_i16x8_s
                (i8x16.swizzle (local.get $head) (v128.const i8x16 0 255 1 255 3 255 4 255 6 255 7 255 9 255 10 255))
                (v128.const i16x8 19595 19235 19595 19235 19595 19235 19595 19235))
              (i32x4.dot_i16x8_s
                (i8x16.swizzle (local.get $head) (v128.const i8x16 1 255 2 255 4 255 5 255 7 255 8 255 10 255 11 255))
                (v128.const i16x8 19235 7471 19235 7471 19235 7471 19235 7471))))
          (i32.const 16)))
      (local.set $tail
        (i32x4.shr_u
          (i32x4.add
            (v128.const i32x4 0x8000 0x8000 0x8000 0x8000)
            (i32x4.add
              (i32x4.dot_i16x8_s
                (i8x16.swizzle (local.get $tail) (v128.const i8x16 0 255 1 255 3 255 4 255 6 255 7 255 9 255 10 255))
                (v128.const i16x8 19595 19235 19595 19235 19595 19235 19595 19235))
              (i32x4.dot_i16x8_s
                (i8x16.swizzle (local.get $tail) (v128.const i8x16 1 255 2 255 4 255 5 255 7 255 8 255 10 255 11 255))
                (v128.const i16x8 19235 7471 19235 7471 19235 7471 19235 7471))))
          (i32.const 16)))
      (local.set $head (i16x8.narrow_i32x4_u (local.get $head) (local.get $tail)))
      (v128.store64_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $head) (local.get $head)))
      (local.set $from (i32.add (local.get $from) (i32.const 24)))
      (br_if $eight
        (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 8))) (local.get $end)))))

  ;; Resizes a row of bytes: a byte from $to on for each window. The windows stand from $windows to $end, each as where
  ;; its first sample is (i32), and where its weights begin and end (i32, i32). Weights are of up to 22 bits and a sign,
  ;; too long for the products of 16 bits that are added in pairs: for eight samples there are their eight lower parts, of
  ;; 15 bits, then their eight upper parts, with the sign (i16). Sums may run over; only the last one has to fit.
  (func (export "narrow") (param $windows i32) (param $end i32) (param $to i32)
    (local $sample i32) (local $weight i32) (local $lastWeight i32)
    (local $samples v128) (local $lower v128) (local $upper v128)
    (loop $next
      (local.set $sample (i32.load (local.get $windows)))
      (local.set $weight (i32.load offset=4 (local.get $windows)))
      (local.set $lastWeight (i32.load offset=8 (local.get $windows)))
      (local.set $lower (v128.const i32x4 0 0 0 0))
      (local.set $upper (v128.const i32x4 0 0 0 0))
      (loop $eight
        (local.set $samples (v128.load8x8_u (local.get $sample)))
        (local.set $lower
          (i32x4.add (local.get $lower)
            (i32x4.dot_i16x8_s (local.get $samples) (v128.load (local.get $weight)))))
        (local.set $upper
          (i32x4.add (local.get $upper)
            (i32x4.dot_i16x8_s (local.get $samples) (v128.load offset=16 (local.get $weight)))))
        (local.set $sample (i32.add (local.get $sample) (i32.const 8)))
        (br_if $eight
          (i32.lt_u (local.tee $weight (i32.add (local.get $weight) (i32.const 32))) (local.get $lastWeight))))
      (i32.store8 (local.get $to)
        (call $toSample
          (i32x4.add (local.get $lower) (i32x4.shl (local.get $upper) (i32.const 15)))))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $next
        (i32.lt_u (local.tee $windows (i32.add (local.get $windows) (i32.const 12))) (local.get $end)))))

  ;; The same with weights of 15 bits and a sign, as those of long rows are (i16): sixteen samples at a time.
  (func (export "narrowLong") (param $windows i32) (param $end i32) (param $to i32)
    (local $sample i32) (local $weight i32) (local $lastWeight i32)
    (local $samples v128) (local $sums v128)
    (loop $next
      (local.set $sample (i32.load (local.get $windows)))
      (local.set $weight (i32.load offset=4 (local.get $windows)))
      (local.set $lastWeight (i32.load offset=8 (local.get $windows)))
      (local.set $sums (v128.const i32x4 0 0 0 0))
      (loop $sixteen
        (local.set $samples (v128.load (local.get $sample)))
        (local.set $sums
          (i32x4.add (local.get $sums)
            (i32x4.add
              (i32x4.dot_i16x8_s
                (i16x8.extend_low_i8x16_u (local.get $samples)) (v128.load (local.get $weight)))
              (i32x4.dot_i16x8_s
                (i16x8.extend_high_i8x16_u (local.get $samples)) (v128.load offset=16 (local.get $weight))))))
        (local.set $sample (i32.add (local.get $sample) (i32.const 16)))
        (br_if $sixteen
          (i32.lt_u (local.tee $weight (i32.add (local.get $weight) (i32.const 32))) (local.get $lastWeight))))
      (i32.store8 (local.get $to) (call $toSample (local.get $sums)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $next
        (i32.lt_u (local.tee $windows (i32.add (local.get $windows) (i32.const 12))) (local.get $end)))))

  ;; Rounds a sum of 22 bits behind the point, and clips it to 0 and 255.
  (func $toSample (param $sums v128) (result i32)
    (local $sample i32)
    (local.set $sample
      (i32.shr_s
        (i32.add
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $sums)) (i32x4.extract_lane 1 (local.get $sums)))
            (i32.add (i32x4.extract_lane 2 (local.get $sums)) (i32x4.extract_lane 3 (local.get $sums))))
          (i32.const 0x200000))
        (i32.const 22)))
    (if (i32.lt_s (local.get $sample) (i32.const 0)) (then (return (i32.const 0))))
    (select (i32.const 255) (local.get $sample) (i32.gt_s (local.get $sample) (i32.const 255)))))
