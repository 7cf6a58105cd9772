# What the contract suite has to know of polyfit-predict.
kind=filter
passes=yes
