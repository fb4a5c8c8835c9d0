;; Takes memory until it gets none, then gives up.
(module
  (memory (export "memory") 1)
  (func $allocate (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable))
  (func (export "_start") (call $allocate)))
