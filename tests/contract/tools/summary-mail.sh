# What the contract suite has to know of summary-mail.
kind=filter
passes=yes
