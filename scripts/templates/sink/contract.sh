# What the contract suite needs to know of @NAME@: nothing.
