# What the contract suite needs to know of ml-call.
export CONTRACT_PORT=${CONTRACT_PORT:-$((20000 + $$ % 12000))} # the file is sourced several times, and the server has one port
export ML_PORT=$CONTRACT_PORT
args=(--url "http://127.0.0.1:$ML_PORT/predict" --input 'temperature_c:-1,humidity:-2,pressure:-3' --batch 7)
passes=yes
servers=(ml)
other=(--url "http://127.0.0.1:$ML_PORT/predict" --input 'temperature_c:-1,humidity:-2' --batch 7)
may_change=(--in-flight 3)
