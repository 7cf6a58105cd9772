# What the contract suite needs to know of @NAME@.
passes=yes
other=(--every 2)
