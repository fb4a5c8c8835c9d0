;; Takes table elements until it gets none, then gives up.
(module
  (memory (export "memory") 1)
  (table $table 1 funcref)
  (func $allocate (loop $more (br_if $more (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1)))) (unreachable))
  (func (export "_start") (call $allocate)))
