;; Samples a raster in a grid of 64 rows of 64 tones (f64), two at a time, each the same as by itself.
(module
  (memory (import "arena" "memory") 1)

  ;; The mean tones of cells, from $grid on: the first cell begins at ($left, $top), $scale is 1 by the area of a cell.
  ;; $integral holds 257 rows of 257 sums (f64). $corners is room for 2 * 66 numbers (f64), for those of a line of corners
  ;; and of the line above it, $columns for where 66 corners are: 66 shares (f64), then 66 offsets (i32).
  (func (export "upright")
    (param $integral i32) (param $left f64) (param $top f64) (param $cellWidth f64) (param $cellHeight f64)
    (param $scale f64) (param $columns i32) (param $corners i32) (param $grid i32)
    (local $row f64) (local $above i32) (local $below i32) (local $end i32)
    (call $placeColumns (local.get $left) (local.get $cellWidth) (local.get $columns))
    (local.set $below (local.get $corners))
    (local.set $above (i32.add (local.get $corners) (i32.const 528)))
    (call $cornersAt (local.get $integral) (local.get $top) (local.get $columns) (local.get $above))
    (loop $line
      (local.set $row (f64.add (local.get $row) (f64.const 1)))
      (call $cornersAt (local.get $integral)
        (f64.add (local.get $top) (f64.mul (local.get $row) (local.get $cellHeight)))
        (local.get $columns) (local.get $below))
      (local.set $end (i32.add (local.get $grid) (i32.const 512)))
      (loop $two
        (v128.store (local.get $grid)
          (f64x2.mul
            (f64x2.add
              (f64x2.sub
                (f64x2.sub (v128.load offset=8 (local.get $below)) (v128.load (local.get $below)))
                (v128.load offset=8 (local.get $above)))
              (v128.load (local.get $above)))
            (f64x2.splat (local.get $scale))))
        (local.set $below (i32.add (local.get $below) (i32.const 16)))
        (local.set $above (i32.add (local.get $above) (i32.const 16)))
        (br_if $two
          (i32.lt_u (local.tee $grid (i32.add (local.get $grid) (i32.const 16))) (local.get $end))))
      ;; What was below is above the next line.
      (local.set $end (i32.sub (local.get $below) (i32.const 512)))
      (local.set $below (i32.sub (local.get $above) (i32.const 512)))
      (local.set $above (local.get $end))
      (br_if $line (f64.lt (local.get $row) (f64.const 64)))))

  ;; Where each corner of a line is between the pixels: its offset in a row of sums, and the share that it is beyond it.
  (func $placeColumns (param $left f64) (param $cellWidth f64) (param $columns i32)
    (local $index v128) (local $x v128) (local $column v128) (local $at i32)
    (local.set $index (v128.const f64x2 0 1))
    (loop $two
      (local.set $x
        (f64x2.add (f64x2.splat (local.get $left)) (f64x2.mul (local.get $index) (f64x2.splat (local.get $cellWidth)))))
      (local.set $column (f64x2.min (f64x2.floor (local.get $x)) (v128.const f64x2 255 255)))
      (v128.store (i32.add (local.get $columns) (i32.shl (local.get $at) (i32.const 1)))
        (f64x2.sub (local.get $x) (local.get $column)))
      (v128.store64_lane 0 (i32.add (i32.add (local.get $columns) (i32.const 528)) (local.get $at))
        (i32x4.shl (i32x4.trunc_sat_f64x2_s_zero (local.get $column)) (i32.const 3)))
      (local.set $index (f64x2.add (local.get $index) (v128.const f64x2 2 2)))
      (br_if $two (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 264)))))

  ;; The sums at the corners of the line at $y, between pixels interpolated.
  (func $cornersAt (param $integral i32) (param $y f64) (param $columns i32) (param $to i32)
    (local $row f64) (local $offsets i32) (local $end i32) (local $first i32) (local $second i32)
    (local $share v128) (local $upper v128) (local $lower v128) (local $down v128)
    (local.set $row (f64.min (f64.floor (local.get $y)) (f64.const 255)))
    (local.set $down (f64x2.splat (f64.sub (local.get $y) (local.get $row))))
    (local.set $integral
      (i32.add (local.get $integral) (i32.mul (i32.trunc_sat_f64_s (local.get $row)) (i32.const 2056))))
    (local.set $offsets (i32.add (local.get $columns) (i32.const 528)))
    (local.set $end (local.get $offsets))
    (loop $two
      (local.set $first (i32.add (local.get $integral) (i32.load (local.get $offsets))))
      (local.set $second (i32.add (local.get $integral) (i32.load offset=4 (local.get $offsets))))
      (local.set $share (v128.load (local.get $columns)))
      (local.set $upper
        (call $between (v128.load (local.get $first)) (v128.load (local.get $second)) (local.get $share)))
      (local.set $lower
        (call $between (v128.load offset=2056 (local.get $first)) (v128.load offset=2056 (local.get $second))
          (local.get $share)))
      (v128.store (local.get $to)
        (f64x2.add (local.get $upper)
          (f64x2.mul (local.get $down) (f64x2.sub (local.get $lower) (local.get $upper)))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $offsets (i32.add (local.get $offsets) (i32.const 8)))
      (br_if $two
        (i32.lt_u (local.tee $columns (i32.add (local.get $columns) (i32.const 16))) (local.get $end)))))

  ;; In each lane the number that is a share of the way between two neighbours.
  (func $between (param $first v128) (param $second v128) (param $share v128) (result v128)
    (local $from v128)
    (local.set $from
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $first) (local.get $second)))
    (f64x2.add (local.get $from)
      (f64x2.mul (local.get $share)
        (f64x2.sub
          (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $first) (local.get $second))
          (local.get $from)))))

  ;; Tones over a frame of $width and $height around ($centreX, $centreY), which is turned. $half holds 128 rows of 128
  ;; tones (f64), in which everything is half as large; $most is the last place in it.
  (func (export "tilted")
    (param $half i32) (param $centreX f64) (param $centreY f64) (param $width f64) (param $height f64)
    (param $cos f64) (param $sin f64) (param $aspect f64) (param $most f64) (param $grid i32)
    (local $row f64) (local $y f64) (local $column v128) (local $x v128) (local $end i32)
    (loop $line
      (local.set $y
        (f64.mul
          (f64.sub (f64.div (f64.add (local.get $row) (f64.const 0.5)) (f64.const 64)) (f64.const 0.5))
          (local.get $height)))
      (local.set $column (v128.const f64x2 0.5 1.5))
      (local.set $end (i32.add (local.get $grid) (i32.const 512)))
      (loop $two
        (local.set $x
          (f64x2.mul
            (f64x2.sub (f64x2.div (local.get $column) (v128.const f64x2 64 64)) (v128.const f64x2 0.5 0.5))
            (f64x2.splat (local.get $width))))
        (v128.store (local.get $grid)
          (call $tonesAt (local.get $half) (local.get $most)
            (f64x2.sub
              (f64x2.add (f64x2.splat (local.get $centreX)) (f64x2.mul (local.get $x) (f64x2.splat (local.get $cos))))
              (f64x2.splat (f64.div (f64.mul (local.get $y) (local.get $sin)) (local.get $aspect))))
            (f64x2.add
              (f64x2.add (f64x2.splat (local.get $centreY))
                (f64x2.mul
                  (f64x2.mul (local.get $x) (f64x2.splat (local.get $aspect))) (f64x2.splat (local.get $sin))))
              (f64x2.splat (f64.mul (local.get $y) (local.get $cos))))))
        (local.set $column (f64x2.add (local.get $column) (v128.const f64x2 2 2)))
        (br_if $two
          (i32.lt_u (local.tee $grid (i32.add (local.get $grid) (i32.const 16))) (local.get $end))))
      (br_if $line
        (f64.lt (local.tee $row (f64.add (local.get $row) (f64.const 1))) (f64.const 64)))))

  (func $tonesAt (param $half i32) (param $most f64) (param $x v128) (param $y v128) (result v128)
    (local $column v128) (local $row v128) (local $at v128) (local $first i32) (local $second i32) (local $upper v128)
    (local.set $x (call $inside (local.get $x) (local.get $most)))
    (local.set $y (call $inside (local.get $y) (local.get $most)))
    (local.set $column (f64x2.floor (local.get $x)))
    (local.set $row (f64x2.floor (local.get $y)))
    (local.set $x (f64x2.sub (local.get $x) (local.get $column)))
    (local.set $y (f64x2.sub (local.get $y) (local.get $row)))
    (local.set $at
      (i32x4.shl
        (i32x4.add
          (i32x4.shl (i32x4.trunc_sat_f64x2_s_zero (local.get $row)) (i32.const 7))
          (i32x4.trunc_sat_f64x2_s_zero (local.get $column)))
        (i32.const 3)))
    (local.set $first (i32.add (local.get $half) (i32x4.extract_lane 0 (local.get $at))))
    (local.set $second (i32.add (local.get $half) (i32x4.extract_lane 1 (local.get $at))))
    (local.set $upper
      (call $between (v128.load (local.get $first)) (v128.load (local.get $second)) (local.get $x)))
    (f64x2.add (local.get $upper)
      (f64x2.mul (local.get $y)
        (f64x2.sub
          (call $between (v128.load offset=1024 (local.get $first)) (v128.load offset=1024 (local.get $second))
            (local.get $x))
          (local.get $upper)))))

  ;; Places of the raster as places of its half, none of them outside.
  (func $inside (param $place v128) (param $most f64) (result v128)
    (f64x2.min (f64x2.splat (local.get $most))
      (f64x2.max (v128.const f64x2 0 0)
        (f64x2.sub (f64x2.div (local.get $place) (v128.const f64x2 2 2)) (v128.const f64x2 0.5 0.5))))))
