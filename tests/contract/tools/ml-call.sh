# What the contract suite needs to know of ml-call.
export ML_PORT=${ML_PORT:-$(free_port)} # the file is sourced several times, and the server has one port
args=(--url "http://127.0.0.1:$ML_PORT/predict" --input 'temperature_c:-1,humidity:-2,pressure:-3' --batch 7)
passes=yes
servers=(ml)
other=(--url "http://127.0.0.1:$ML_PORT/predict" --input 'temperature_c:-1,humidity:-2' --batch 7)
may_change=(--in-flight 3)
