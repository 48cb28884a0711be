/**
 * The uv that is fetched where PATH has none. Digests are those of the public index' simple API.
 */
export const UV_VERSION = '0.13.9'
/** Older ones lack `--relocatable`, `--override` or the index variables that are set for it. */
export const UV_MINIMUM = '0.5.0'

interface Wheel {
  /** Platform tag of the wheel's file name. */
  readonly tag: string
  readonly sha256: string
}

const UV_WHEELS: Readonly<Record<string, Wheel>> = {
  'linux-x64-glibc': {
    tag: 'manylinux_2_17_x86_64.manylinux2014_x86_64',
    sha256: 'd7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19',
  },
  'linux-x64-musl': {
    tag: 'musllinux_1_1_x86_64',
    sha256: '2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25',
  },
  'linux-arm64-glibc': {
    tag: 'manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64',
    sha256: '5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe',
  },
  'linux-arm64-musl': {
    tag: 'manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64',
    sha256: '5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe',
  },
  'darwin-x64': {
    tag: 'macosx_10_12_x86_64',
    sha256: 'c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5',
  },
  'darwin-arm64': {
    tag: 'macosx_11_0_arm64',
    sha256: '66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63',
  },
}

export interface UvWheel {
  readonly filename: string
  readonly sha256: string
  /** The program inside the wheel. */
  readonly member: string
}

/** The wheel for a platform as Node names it, or undefined when there is none. */
export function uvWheel(
  platform: string,
  architecture: string,
  musl: boolean,
): UvWheel | undefined {
  const key =
    platform === 'linux'
      ? `${platform}-${architecture}-${musl ? 'musl' : 'glibc'}`
      : `${platform}-${architecture}`
  const wheel = UV_WHEELS[key]
  if (wheel === undefined) return undefined
  return {
    filename: `uv-${UV_VERSION}-py3-none-${wheel.tag}.whl`,
    sha256: wheel.sha256,
    member: `uv-${UV_VERSION}.data/scripts/uv`,
  }
}
