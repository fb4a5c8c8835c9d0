;; Needs what no platform of ours has.
(module
  (import "gpu" "draw" (func $draw))
  (memory (export "memory") 1)
  (func (export "_start") (call $draw)))
