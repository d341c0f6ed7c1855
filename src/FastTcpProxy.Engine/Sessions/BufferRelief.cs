using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// This runs as long as sessions of a loop wait for buffers: those that hold the most are reset, and those that wait resume, a few in each
/// turn. One for each loop; runs inside it.
/// </summary>
internal sealed class BufferRelief(LoopContext context) : ILoopItem
{
    /// <summary>Sessions that resume in one turn: each may have a whole turn of moves to make, some hundred microseconds of work.</summary>
    public const int ResumedPerTurn = 8;

    /// <summary>Sessions that are ended at one tick: some hundred microseconds of work, 800 in a second.</summary>
    public const int ResetsPerTick = 16;

    private int _left;
    private bool _isDeferred;

    public ILoopItem? NextQueued { get; set; }

    public void OnTick()
    {
        BufferShares shares = context.Loop.Buffers.Shares;
        context.Loop.Metrics.Counts.BufferResets += shares.Reclaim(ResetsPerTick, OnHolderFault);
        // Each holder that waits now gets one more try until the next tick.
        _left = shares.Waiting;
        if (!_isDeferred) Resume();
    }

    public void Run()
    {
        _isDeferred = false;
        Resume();
    }

    public void OnFault(Exception fault)
    {
    }

    private void Resume()
    {
        for (int turn = 0; turn < ResumedPerTurn; turn++)
        {
            if (_left == 0 || context.Loop.Buffers.Shares.NextToResume() is not { } holder) return;
            _left--;
            try
            {
                holder.OnBufferAvailable();
            }
            catch (Exception fault)
            {
                // Contained here: the others wait for the same.
                OnHolderFault(holder, fault);
            }
        }
        _isDeferred = true;
        context.Loop.Defer(this);
    }

    private void OnHolderFault(IBufferHolder holder, Exception fault)
    {
        context.Loop.Metrics.CountFault(fault);
        holder.OnFault(fault);
    }
}
