using System.Runtime.InteropServices;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>
/// A page of memory with one after it that may not be touched. One thread; it owns its two pages and gives them back on
/// <see cref="Dispose"/>.
/// </summary>
internal sealed unsafe class GuardedMemory : IDisposable
{
    private const int ProtectNone = 0, ProtectReadWrite = 3, MapPrivateAnonymous = 0x22;
    private static readonly int PageLength = Environment.SystemPageSize;
    private readonly byte* _pages;

    public GuardedMemory()
    {
        _pages = (byte*)Map(0, (nuint)PageLength * 2, ProtectReadWrite, MapPrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, (nint)_pages);
        Assert.Equal(0, Protect((nint)(_pages + PageLength), (nuint)PageLength, ProtectNone));
    }

    /// <summary>The last bytes before the page that may not be touched.</summary>
    public Span<byte> End(int length)
    {
        Assert.InRange(length, 0, PageLength);
        return new(_pages + PageLength - length, length);
    }

    public void Dispose() => Unmap((nint)_pages, (nuint)PageLength * 2);

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int Protect(nint address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(nint address, nuint length);
}
