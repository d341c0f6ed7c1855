namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// How a loop's buffers are divided. One half is common: the first that needs it gets it. The other half is guaranteed, in equal parts, to
/// the services that listen on the loop. So the slow peers of one service can hold half of the buffers and its part of the rest (all of
/// them where it is the only service), and what another is guaranteed is there when it needs it. Belongs to one loop.
/// </summary>
internal sealed class BufferShares(BufferPool pool)
{
    /// <summary>The part of the buffers that is guaranteed.</summary>
    public const int GuaranteedPart = 2;

    private readonly List<BufferShare> _shares = [];
    private readonly Queue<BufferShare> _waiting = new();
    private int _open;
    private long _commonUsed;

    public BufferPool Pool => pool;

    /// <summary>What each service is guaranteed.</summary>
    public long GuaranteedBytes { get; private set; }

    /// <summary>What is common.</summary>
    public long CommonBytes { get; private set; }

    /// <summary>What is left of it.</summary>
    public long CommonRoomBytes => Math.Max(CommonBytes - _commonUsed, 0);

    public bool IsAnybodyWaiting => _waiting.Count > 0;

    public int Waiting => _waiting.Sum(share => share.Waiting);

    /// <summary>A share for a service that begins to listen.</summary>
    public BufferShare Open()
    {
        BufferShare share = new(this);
        _shares.Add(share);
        _open++;
        share.Users = 1;
        Divide();
        return share;
    }

    /// <summary>The service no longer listens. What its sessions hold counts as common until they are over.</summary>
    public void Close(BufferShare share)
    {
        share.Users = 0;
        _open--;
        if (share.HeldBytes == 0) _shares.Remove(share);
        Divide();
    }

    public long GuaranteedBytesOf(BufferShare share) => share.Users > 0 ? GuaranteedBytes : 0;

    /// <summary>
    /// Makes holders give up what those need who wait: each service's own, or, if it lacks what it is entitled to, those of the service
    /// that has taken most beyond its part.
    /// </summary>
    /// <returns>How many were told to.</returns>
    public int Reclaim(int max, Action<IBufferHolder, Exception> onFault)
    {
        DropEmpty();
        int told = 0;
        foreach (BufferShare share in _waiting)
        {
            if (told >= max) break;
            long wanted = (long)share.Waiting * BufferPool.SizeOf(BufferClass.Small);
            if (wanted == 0 || share.WindowFor(1) > 0) continue;
            BufferShare from = share.RoomBytes >= BufferPool.SizeOf(BufferClass.Small) ? Largest() : share;
            told += from.Reclaim(wanted, max - told, onFault);
        }
        return told;
    }

    /// <summary>The next waiting holder that may find a buffer; the services take turns. Null: there is none.</summary>
    public IBufferHolder? NextToResume()
    {
        for (int visits = _waiting.Count; visits > 0; visits--)
        {
            BufferShare share = _waiting.Dequeue();
            share.IsQueued = false;
            IBufferHolder? next = share.Waiting > 0 && share.WindowFor(1) > 0 ? share.NextWaiting() : null;
            if (share.Waiting > 0) OnWaiting(share);
            if (next is not null) return next;
        }
        return null;
    }

    /// <summary>Takes out the shares that all who waited in them have left.</summary>
    private void DropEmpty()
    {
        for (int visits = _waiting.Count; visits > 0; visits--)
        {
            BufferShare share = _waiting.Dequeue();
            if (share.Waiting > 0) _waiting.Enqueue(share);
            else share.IsQueued = false;
        }
    }

    internal void OnWaiting(BufferShare share)
    {
        if (share.IsQueued) return;
        share.IsQueued = true;
        _waiting.Enqueue(share);
    }

    internal void OnChanged(BufferShare share, long heldBefore)
    {
        long guaranteed = GuaranteedBytesOf(share);
        _commonUsed += Math.Max(share.HeldBytes - guaranteed, 0) - Math.Max(heldBefore - guaranteed, 0);
        if (share.Users > 0) return;
        // Sessions of a service that no longer listens continue. What they hold is counted here.
        if (heldBefore == 0) _shares.Add(share);
        else if (share.HeldBytes == 0) _shares.Remove(share);
    }

    private BufferShare Largest()
    {
        BufferShare largest = _shares[0];
        foreach (BufferShare share in _shares)
        {
            if (share.HeldBytes - GuaranteedBytesOf(share) > largest.HeldBytes - GuaranteedBytesOf(largest)) largest = share;
        }
        return largest;
    }

    private void Divide()
    {
        long guaranteed = pool.UsableBytes / GuaranteedPart;
        CommonBytes = pool.UsableBytes - guaranteed;
        GuaranteedBytes = guaranteed / Math.Max(_open, 1);
        _commonUsed = _shares.Sum(share => Math.Max(share.HeldBytes - GuaranteedBytesOf(share), 0));
    }
}
