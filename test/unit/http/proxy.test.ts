import { describe, expect, it } from '@jest/globals'
import { proxyFor } from '../../../src/http/proxy.ts'

const proxy = 'http://proxy.example.com:3128'
const way = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href

describe('proxyFor', () => {
  it.each([
    ['https://a.example.com', { HTTPS_PROXY: proxy }, `${proxy}/`],
    ['https://a.example.com', { https_proxy: proxy, HTTPS_PROXY: 'http://other:1' }, `${proxy}/`],
    ['https://a.example.com', { HTTP_PROXY: proxy }, undefined],
    ['http://a.example.com', { HTTPS_PROXY: proxy }, undefined],
    ['http://a.example.com', { ALL_PROXY: proxy }, `${proxy}/`],
    ['http://a.example.com', { http_proxy: 'proxy.example.com:3128' }, `${proxy}/`],
    ['http://a.example.com', { http_proxy: '' }, undefined],
    ['http://a.example.com', {}, undefined],
  ])('%s with %j goes through %s', (url, env, expected) => {
    expect(way(url, env as Record<string, string>)).toBe(expected)
  })

  it.each([
    ['https://a.example.com', 'example.com', true],
    ['https://a.example.com', '.example.com', true],
    ['https://a.example.com', '*.example.com', true],
    ['https://example.com', '.example.com', true],
    ['https://notexample.com', 'example.com', false],
    ['https://a.example.com', 'x, A.EXAMPLE.COM', true],
    ['https://a.example.com', 'a.example.com:443', true],
    ['https://a.example.com:8443', 'a.example.com:443', false],
    ['https://a.example.com', '*', true],
    ['https://10.1.2.3', '10.0.0.0/8', true],
    ['https://11.1.2.3', '10.0.0.0/8', false],
    ['https://[fd00::1]', 'fd00::/8', true],
    ['https://[::1]', '::1', true],
    ['https://1.127.0.0.1.example.com', '127.0.0.1', false],
    ['https://a.example.com', '10.0.0.0/99 nonsense/8', false],
  ])('%s is direct by NO_PROXY=%s: %s', (url, noProxy, direct) => {
    expect(way(url, { HTTPS_PROXY: proxy, NO_PROXY: noProxy }) === undefined).toBe(direct)
  })
})
