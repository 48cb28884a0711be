// A file of its own, so that the bundle holds of the toolkit only what is named here: a dynamic
// import keeps all of a module.
export { setOutput } from '@actions/core'
