using System.Diagnostics;

namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// The part of a loop's buffers that the sessions of one service hold, which of them wait for a buffer, and which is reset first. Its
/// sessions reach the buffers through it. Counting happens when bytes are put aside and when a chunk comes back, never for a move that its
/// target takes at once. Belongs to one loop.
/// </summary>
internal sealed class BufferShare
{
    /// <summary>
    /// A chunk that was held for fewer ticks, a second in all, is not taken: its peer may be about to read, and one poll each second is
    /// what a blocked session gets anyway.
    /// </summary>
    public const int HeldTicksMin = 50;

    private readonly BufferShares _all;
    private readonly BufferChunk?[] _oldest = new BufferChunk?[BufferPool.Classes];
    private readonly BufferChunk?[] _latest = new BufferChunk?[BufferPool.Classes];
    // Each holder brings its own node: waiting and leaving allocate nothing, and cost the same however many wait.
    private readonly LinkedList<IBufferHolder> _waiting = new();
    private long _reclaimedBytes;

    public BufferShare(BufferShares all) => _all = all;

    public BufferPool Pool => _all.Pool;

    public BufferChunk ReceiveBuffer => _all.Pool.ReceiveBuffer;

    /// <summary>What its sessions hold, in whole chunks.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>What it may hold more.</summary>
    public long RoomBytes => Math.Max(_all.GuaranteedBytesOf(this) - HeldBytes, 0) + _all.CommonRoomBytes;

    /// <summary>How many sessions wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Listeners of its service; without any it has no guarantee, and ends when its last chunk is back.</summary>
    internal int Users { get; set; }

    /// <summary>Whether it is in the queue of shares that have a waiting holder; the queue's.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>
    /// How much may be read, so that all of it can be put aside: a large buffer's, less when the share is half used, a small one's in its
    /// last quarter; 0 when there is no room.
    /// </summary>
    /// <param name="least">With less the caller can do nothing; it is had as long as there is room for it at all.</param>
    public int WindowFor(int least)
    {
        long room = RoomBytes;
        long all = _all.GuaranteedBytes + _all.CommonBytes;
        int window = BufferPool.SizeOf(room >= all / 2 ? BufferClass.Large : room >= all / 4 ? BufferClass.Medium : BufferClass.Small);
        if (window < least) window = BufferPool.SizeOf(BufferPool.ClassFor(least));
        while (window > room)
        {
            if (window == BufferPool.SizeOf(BufferClass.Small)) return 0;
            window = BufferPool.SizeOf(window > BufferPool.SizeOf(BufferClass.Medium) ? BufferClass.Medium : BufferClass.Small);
        }
        window = Math.Min(window, _all.Pool.AssuredBytes);
        return window < least ? 0 : window;
    }

    /// <summary>A chunk that its holder keeps, for what is soon over; null when there is none or no room.</summary>
    public BufferChunk? TryRent(BufferClass bufferClass)
    {
        if (BufferPool.SizeOf(bufferClass) > RoomBytes || Pool.TryRent(bufferClass) is not { } chunk) return null;
        Count(chunk);
        return chunk;
    }

    /// <summary>
    /// Copies bytes of the receive buffer into a chunk; at most as many as <see cref="WindowFor"/> said before they were read.
    /// </summary>
    public BufferChunk SetAside(int offset, int count, IBufferHolder? holder)
    {
        BufferChunk chunk = Pool.SetAside(offset, count);
        Count(chunk);
        if (holder is not null) Hold(chunk, holder);
        return chunk;
    }

    /// <summary>The holder is told when there may be a buffer, after those that wait already.</summary>
    /// <param name="wait">The holder's own, in no list. It is in this share's until the holder is told, or leaves.</param>
    public void Wait(LinkedListNode<IBufferHolder> wait)
    {
        _waiting.AddLast(wait);
        _all.OnWaiting(this);
    }

    /// <summary>The holder no longer waits, in whichever share it did.</summary>
    public static void Leave(LinkedListNode<IBufferHolder> wait) => wait.List!.Remove(wait);

    internal IBufferHolder NextWaiting()
    {
        LinkedListNode<IBufferHolder> first = _waiting.First!;
        _waiting.RemoveFirst();
        return first.Value;
    }

    internal void OnReturned(BufferChunk chunk)
    {
        Debug.Assert(ReferenceEquals(chunk.Share, this), "a chunk came back to another's share");
        if (chunk.Holder is not null) Unlink(chunk);
        if (chunk.IsReclaimed) _reclaimedBytes -= chunk.Size;
        chunk.IsReclaimed = false;
        chunk.Share = null;
        HeldBytes -= chunk.Size;
        _all.OnChanged(this, HeldBytes + chunk.Size);
    }

    /// <summary>
    /// Makes those who hold the most give it up, the ones who have held it longest first, until enough is on its way back for those that
    /// wait. Each costs a few steps, however many there are.
    /// </summary>
    /// <param name="wantedBytes">What is wanted.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="onFault">Told what a holder threw.</param>
    /// <returns>How many.</returns>
    internal int Reclaim(long wantedBytes, int max, Action<IBufferHolder, Exception> onFault)
    {
        int told = 0;
        while (told < max && _reclaimedBytes < wantedBytes && FindLargest() is { } chunk)
        {
            IBufferHolder holder = chunk.Holder!;
            Unlink(chunk);
            chunk.IsReclaimed = true;
            _reclaimedBytes += chunk.Size;
            try
            {
                if (holder.GiveUpBuffer(chunk.HolderId)) told++;
            }
            catch (Exception fault)
            {
                onFault(holder, fault);
            }
        }
        return told;
    }

    private BufferChunk? FindLargest()
    {
        for (BufferClass bufferClass = BufferClass.Large; ; bufferClass--)
        {
            if (_oldest[(int)bufferClass] is { } chunk && Pool.Ticks - chunk.SinceTick >= HeldTicksMin) return chunk;
            if (bufferClass == BufferClass.Small) return null;
        }
    }

    private void Count(BufferChunk chunk)
    {
        chunk.Share = this;
        HeldBytes += chunk.Size;
        _all.OnChanged(this, HeldBytes - chunk.Size);
    }

    private void Hold(BufferChunk chunk, IBufferHolder holder)
    {
        chunk.Holder = holder;
        chunk.HolderId = holder.Id;
        chunk.SinceTick = Pool.Ticks;
        int index = (int)chunk.Class;
        chunk.PreviousHeld = _latest[index];
        if (_latest[index] is { } latest) latest.NextHeld = chunk;
        else _oldest[index] = chunk;
        _latest[index] = chunk;
    }

    private void Unlink(BufferChunk chunk)
    {
        int index = (int)chunk.Class;
        if (chunk.PreviousHeld is { } previous) previous.NextHeld = chunk.NextHeld;
        else _oldest[index] = chunk.NextHeld;
        if (chunk.NextHeld is { } next) next.PreviousHeld = chunk.PreviousHeld;
        else _latest[index] = chunk.PreviousHeld;
        chunk.PreviousHeld = chunk.NextHeld = null;
        chunk.Holder = null;
    }
}
