package runtime

// paasMerge puts types in the order of their names: the linker has laid those that libraries know before the others.
func paasMerge(types []*_type) []*_type {
	name := func(t *_type) string { return toRType(t).string() }
	second := 1
	for second < len(types) && name(types[second-1]) <= name(types[second]) {
		second++
	}
	if second >= len(types) {
		return types
	}
	all := make([]*_type, 0, len(types))
	first, rest := types[:second], types[second:]
	for len(first) > 0 && len(rest) > 0 {
		next := &first
		if name(rest[0]) < name(first[0]) {
			next = &rest
		}
		all = append(all, (*next)[0])
		*next = (*next)[1:]
	}
	return append(append(all, first...), rest...)
}
