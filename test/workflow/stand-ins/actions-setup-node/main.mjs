// The machine of the tests has it; an action that asks for it did not find it.
console.log('::error::actions/setup-node was needed in a test')
process.exit(1)
