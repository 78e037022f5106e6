;; Which pixels of a plane differ most from their surroundings, over place and scale. Planes are numbers (f32), row by row.
(module
  (memory (import "arena" "memory") 1)

  ;; Writes where they are (i32, addresses in the plane) from $to on, and returns where the last one ends. A pixel of a
  ;; magnitude of $least or more is one where no neighbour, in the plane and the ones before and after it, has more of the
  ;; same sign. Pixels nearer than $margin, one at least, to an edge are none; the planes have one that is no nearer. Four
  ;; at a time: it reads up to 3 behind a row.
  (func (export "extrema")
    (param $below i32) (param $plane i32) (param $above i32) (param $width i32) (param $height i32)
    (param $margin i32) (param $least f32) (param $to i32) (result i32)
    (local $rowBytes i32) (local $at i32) (local $end i32) (local $lastRow i32) (local $lanes i32)
    (local $value v128) (local $sign v128) (local $size v128) (local $still v128)
    (local $toBelow i32) (local $toAbove i32)
    (local.set $toBelow (i32.sub (local.get $below) (local.get $plane)))
    (local.set $toAbove (i32.sub (local.get $above) (local.get $plane)))
    (local.set $rowBytes (i32.shl (local.get $width) (i32.const 2)))
    (local.set $lastRow
      (i32.add (local.get $plane)
        (i32.mul (i32.sub (i32.sub (local.get $height) (local.get $margin)) (i32.const 1)) (local.get $rowBytes))))
    (local.set $plane (i32.add (local.get $plane) (i32.mul (local.get $margin) (local.get $rowBytes))))
    (local.set $margin (i32.shl (local.get $margin) (i32.const 2)))
    (loop $row
      (local.set $at (i32.add (local.get $plane) (local.get $margin)))
      (local.set $end (i32.sub (i32.add (local.get $plane) (local.get $rowBytes)) (local.get $margin)))
      (loop $four
        (block $none
          (local.set $value (v128.load (local.get $at)))
          (local.set $size (f32x4.abs (local.get $value)))
          (local.set $sign (v128.and (local.get $value) (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000)))
          (local.set $still (f32x4.ge (local.get $size) (f32x4.splat (local.get $least))))
          (br_if $none (i32.eqz (v128.any_true (local.get $still))))
          (local.set $still
            (call $outlast (local.get $still) (local.get $sign) (local.get $size) (local.get $at) (local.get $rowBytes)))
          (br_if $none (i32.eqz (v128.any_true (local.get $still))))
          (local.set $still
            (call $outlast (local.get $still) (local.get $sign) (local.get $size)
              (i32.add (local.get $at) (local.get $toBelow)) (local.get $rowBytes)))
          (br_if $none (i32.eqz (v128.any_true (local.get $still))))
          (local.set $still
            (call $outlast (local.get $still) (local.get $sign) (local.get $size)
              (i32.add (local.get $at) (local.get $toAbove)) (local.get $rowBytes)))
          (br_if $none (i32.eqz (local.tee $lanes (i32x4.bitmask (local.get $still)))))
          (local.set $to (call $write (local.get $lanes) (local.get $at) (local.get $end) (local.get $to))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (br_if $row
        (i32.le_u (local.tee $plane (i32.add (local.get $plane) (local.get $rowBytes))) (local.get $lastRow))))
    (local.get $to))

  ;; Of the pixels in $still those that are left where none of the nine around $at has more of the same sign.
  (func $outlast
    (param $still v128) (param $sign v128) (param $size v128) (param $at i32) (param $rowBytes i32) (result v128)
    (local $row i32) (local $end i32)
    (local.set $row (i32.sub (local.get $at) (local.get $rowBytes)))
    (local.set $end (i32.add (local.get $at) (local.get $rowBytes)))
    (loop $next
      (local.set $still
        (v128.and
          (v128.and (local.get $still)
            (f32x4.le
              (v128.xor (v128.load (i32.sub (local.get $row) (i32.const 4))) (local.get $sign)) (local.get $size)))
          (v128.and
            (f32x4.le (v128.xor (v128.load (local.get $row)) (local.get $sign)) (local.get $size))
            (f32x4.le (v128.xor (v128.load offset=4 (local.get $row)) (local.get $sign)) (local.get $size)))))
      (br_if $next
        (i32.and
          (v128.any_true (local.get $still))
          (i32.le_u (local.tee $row (i32.add (local.get $row) (local.get $rowBytes))) (local.get $end)))))
    (local.get $still))

  ;; Writes those of the four pixels that are in $lanes and before $end.
  (func $write (param $lanes i32) (param $at i32) (param $end i32) (param $to i32) (result i32)
    (local $pixel i32)
    (loop $next
      (local.set $pixel (i32.add (local.get $at) (i32.shl (i32.ctz (local.get $lanes)) (i32.const 2))))
      (if (i32.lt_u (local.get $pixel) (local.get $end))
        (then
          (i32.store (local.get $to) (local.get $pixel))
          (local.set $to (i32.add (local.get $to) (i32.const 4)))))
      (br_if $next
        (local.tee $lanes (i32.and (local.get $lanes) (i32.sub (local.get $lanes) (i32.const 1))))))
    (local.get $to)))
