/** Set by the bundler from package.json. */
declare const __VERSION__: string
declare const __REPOSITORY__: string

declare module '*.yml' {
  const text: string
  export default text
}

declare module '*.py' {
  const text: string
  export default text
}
