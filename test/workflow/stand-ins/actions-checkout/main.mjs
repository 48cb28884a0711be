// act checks out by itself and never gets here.
console.log('::error::act did not check out by itself')
process.exit(1)
