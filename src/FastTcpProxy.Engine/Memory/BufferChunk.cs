using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// One buffer: a piece of a pinned slab. Whoever rented it owns it alone until it is returned, and may pass it on whole
/// (to an operation in flight, say), never share it. Belongs to one loop.
/// </summary>
internal sealed class BufferChunk
{
    private readonly byte[] _slab;
    private readonly int _offset;

    public BufferChunk(byte[] slab, int offset, int size, BufferClass bufferClass)
    {
        _slab = slab;
        _offset = offset;
        Size = size;
        Class = bufferClass;
    }

    public int Size { get; }

    public BufferClass Class { get; }

    /// <summary>Counts up at each rent and each return, so that odd is rented: a second return or a late use is seen.</summary>
    public uint Generation { get; internal set; }

    public bool IsRented => (Generation & 1) != 0;

    public Span<byte> Span => _slab.AsSpan(_offset, Size);

    public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_slab, _offset, Size);
}
