using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// One buffer: a piece of pinned memory. The code that rented it owns it alone until it is returned, and may pass it on whole
/// (to an operation in flight, say), never share it. Belongs to one loop.
/// </summary>
internal sealed class BufferChunk
{
    private readonly byte[] _memory;
    private readonly int _offset;

    public BufferChunk(byte[] memory, int offset, int size, BufferClass bufferClass)
    {
        _memory = memory;
        _offset = offset;
        Size = size;
        Class = bufferClass;
    }

    public int Size { get; }

    public BufferClass Class { get; }

    /// <summary>Counts up at each rent and each return, so that odd is rented: a second return or a late use is seen.</summary>
    public uint Generation { get; internal set; }

    public bool IsRented => (Generation & 1) != 0;

    public Span<byte> Span => _memory.AsSpan(_offset, Size);

    public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_memory, _offset, Size);

    /// <summary>The slab that it is cut from; null for separate memory.</summary>
    internal BufferSlab? Slab { get; init; }

    /// <summary>Whose part of the buffers it counts against while it is rented, or null. This and what follows is the share's.</summary>
    internal BufferShare? Share { get; set; }

    /// <summary>Who can be made to give it up, or null.</summary>
    internal IBufferHolder? Holder { get; set; }

    /// <summary>Whom the holder stood for when it took the chunk.</summary>
    internal long HolderId { get; set; }

    /// <summary>The tick at which it was taken.</summary>
    internal uint SinceTick { get; set; }

    /// <summary>Whether its holder was told to give it up: it is on its way back.</summary>
    internal bool IsReclaimed { get; set; }

    /// <summary>The links of the share's list of chunks that can be given up.</summary>
    internal BufferChunk? PreviousHeld { get; set; }

    internal BufferChunk? NextHeld { get; set; }
}
