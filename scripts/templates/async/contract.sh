# What the contract suite needs to know of @NAME@.
passes=yes
may_change=(--in-flight 3)
