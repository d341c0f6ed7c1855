using FastTcpProxy.Engine.Memory;

namespace FastTcpProxy.Engine.Tests.Memory;

/// <summary>How a loop's buffers are divided among services, and who gives up what when they are short.</summary>
public sealed class BufferShareTests
{
    private const int Small = 4 << 10, Medium = 64 << 10, Large = 256 << 10;

    /// <summary>2 MiB to put aside, beside the receive buffer and one for the odd.</summary>
    private readonly SlabBufferPool _pool = new(new BufferBudget(10 * BufferSlab.Bytes));
    private readonly Holder _holder = new(1);

    [Fact]
    public void OneService_SlowPeers_HoldAllOfItInSmallerAndSmallerChunks()
    {
        BufferShare share = _pool.Shares.Open();
        List<int> sizes = Fill(share);
        // A half in large ones, a quarter in medium ones, the last quarter in small ones.
        Assert.Equal([Large, Medium, Small], sizes.Distinct());
        Assert.Equal(_pool.UsableBytes, share.HeldBytes);
        Assert.InRange(sizes.Count(size => size == Small) * Small, (512 << 10) - Medium, 512 << 10);
        Assert.Equal(0, share.WindowFor(1));
        // The receive buffer was never touched, and there is something left for the odd.
        Assert.True(_pool.AssuredBytes >= Small);
    }

    /// <summary>The example of ADR 17: 16 MiB for the loop, two services that listen on it.</summary>
    [Fact]
    public void TwoServices_OneHasSlowPeers_HasRoomForAboutEightHundred()
    {
        SlabBufferPool pool = new(new BufferBudget(64 * BufferSlab.Bytes));
        BufferShare share = pool.Shares.Open();
        pool.Shares.Open();
        List<int> sizes = Fill(share);

        Assert.Equal((24, 44, 736), (sizes.Count(s => s == Large), sizes.Count(s => s == Medium), sizes.Count(s => s == Small)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(50)]
    public void ManyServices_OneHasSlowPeers_EachOfTheOthersHasItsPart(int services)
    {
        BufferShare[] shares = [.. Enumerable.Range(0, services).Select(_ => _pool.Shares.Open())];
        Fill(shares[0]);
        Assert.InRange(shares[0].HeldBytes, _pool.UsableBytes / 2, _pool.UsableBytes / 2 + _pool.UsableBytes / 2 / services);
        long guaranteed = _pool.UsableBytes / 2 / services;
        foreach (BufferShare share in shares[1..])
        {
            Assert.True(share.WindowFor(1) >= Small);
            Fill(share);
            Assert.InRange(share.HeldBytes, guaranteed - Small, guaranteed);
        }
    }

    [Fact]
    public void Window_AHeaderNeedsMore_IsHadAsLongAsThereIsRoom()
    {
        BufferShare share = _pool.Shares.Open();
        while (share.WindowFor(1) > Small) share.SetAside(0, share.WindowFor(1), _holder);
        Assert.Equal(Large, share.WindowFor(Medium + 1));
        Fill(share);
        Assert.Equal((0, 0), (share.WindowFor(Medium + 1), share.WindowFor(1)));
    }

    [Fact]
    public void Close_SessionsGoOn_WhatTheyHoldIsCommonUntilItIsBack()
    {
        BufferShare old = _pool.Shares.Open();
        BufferShare other = _pool.Shares.Open();
        List<BufferChunk> held = [.. Enumerable.Range(0, 3).Select(_ => old.SetAside(0, Large, _holder))];
        _pool.Shares.Close(old);
        Assert.Equal(_pool.UsableBytes / 2 - 3 * Large + _pool.UsableBytes / 2, other.RoomBytes);
        foreach (BufferChunk chunk in held) _pool.Return(chunk);
        Assert.Equal((_pool.UsableBytes, 0L), (other.RoomBytes, old.HeldBytes));
    }

    [Fact]
    public void Close_SessionTakesAChunkLater_CountsAsCommonWhateverComesInBetween()
    {
        BufferShare old = _pool.Shares.Open();
        BufferShare other = _pool.Shares.Open();
        _pool.Shares.Close(old);
        BufferChunk late = old.SetAside(0, Large, _holder);
        // One more service: all that is held is counted anew.
        BufferShare third = _pool.Shares.Open();
        Assert.Equal(_pool.UsableBytes / 4 + _pool.UsableBytes / 2 - Large, other.RoomBytes);
        _pool.Return(late);
        Assert.Equal((other.RoomBytes, _pool.UsableBytes / 4 + _pool.UsableBytes / 2), (third.RoomBytes, other.RoomBytes));
    }

    [Fact]
    public void Reclaim_LargestFirstAndOfThoseTheOldest_ButNoneThatWasTakenJustNow()
    {
        BufferShare share = _pool.Shares.Open();
        List<long> told = [];
        Take(share, Small, new Holder(1, told));
        Take(share, Large, new Holder(2, told));
        Take(share, Medium, new Holder(3, told));
        Take(share, Large, new Holder(4, told));
        Assert.Equal(0, Reclaim(share, 1 << 20, 10));
        Tick(BufferShare.HeldTicksMin);
        Take(share, Large, new Holder(5, told));
        // Two are enough for what is wanted, and no more are told while those are on their way back.
        Assert.Equal(2, Reclaim(share, Large + 1, 10));
        Assert.Equal([2L, 4L], told);
        Assert.Equal(0, Reclaim(share, Large + 1, 10));
        Assert.Equal(2, Reclaim(share, 1 << 20, 10));
        Assert.Equal([2L, 4L, 3L, 1L], told);
    }

    [Fact]
    public void Reclaim_HolderStandsForSomebodyElse_IsPassedOver()
    {
        BufferShare share = _pool.Shares.Open();
        List<long> told = [];
        Holder reused = new(1, told);
        Take(share, Large, reused);
        Take(share, Large, new Holder(2, told));
        reused.Id = 7;
        Tick(BufferShare.HeldTicksMin);
        Assert.Equal(1, Reclaim(share, 2 * Large, 10));
        Assert.Equal([2L], told);
    }

    [Fact]
    public void Reclaim_HolderThrows_TheOthersAreToldAndTheFaultIsNamed()
    {
        BufferShare share = _pool.Shares.Open();
        List<long> told = [];
        Take(share, Large, new Holder(1, told) { Fault = new InvalidOperationException("a defect") });
        Take(share, Large, new Holder(2, told));
        Tick(BufferShare.HeldTicksMin);
        List<string> faults = [];
        Assert.Equal(1, share.Reclaim(2 * Large, 10, (_, fault) => faults.Add(fault.Message)));
        Assert.Equal(["a defect"], faults);
        Assert.Equal([2L], told);
    }

    [Fact]
    public void Waiting_ServicesTakeTurns_AndNoneWithoutRoomIsTold()
    {
        BufferShare full = _pool.Shares.Open(), a = _pool.Shares.Open(), b = _pool.Shares.Open();
        Fill(full);
        Wait(full, 1);
        foreach (int id in (int[])[10, 11, 12]) Wait(a, id);
        Wait(b, 20);
        List<long> order = [];
        while (_pool.Shares.NextToResume() is { } next) order.Add(next.Id);
        Assert.Equal([10L, 20L, 11L, 12L], order);
        Assert.Equal(1, _pool.Shares.Waiting);
        Assert.True(_pool.Shares.IsAnybodyWaiting);
    }

    [Fact]
    public void Leave_OfThoseThatWait_TheOthersKeepTheirPlaces()
    {
        BufferShare a = _pool.Shares.Open(), b = _pool.Shares.Open();
        LinkedListNode<IBufferHolder>[] waits = [.. Enumerable.Range(1, 3).Select(id => Wait(a, id))];
        LinkedListNode<IBufferHolder> alone = Wait(b, 20);
        BufferShare.Leave(waits[1]);
        BufferShare.Leave(alone);
        Assert.Equal(2, _pool.Shares.Waiting);
        // One that has left may wait again, elsewhere too.
        b.Wait(waits[1]);
        List<long> order = [];
        while (_pool.Shares.NextToResume() is { } next) order.Add(next.Id);
        Assert.Equal([1L, 2L, 3L], order);
        Assert.False(_pool.Shares.IsAnybodyWaiting);
    }

    [Fact]
    public void Leave_LastThatWaits_TheShareIsNoLongerLookedAtFromTheNextTickOn()
    {
        int looks = 0;
        _pool.WhileShort += () =>
        {
            looks++;
            _pool.Shares.Reclaim(1, (_, fault) => throw fault);
        };
        BufferShare share = _pool.Shares.Open();
        BufferShare.Leave(Wait(share, 1));
        Tick(10);
        Assert.Equal(1, looks);
        Wait(share, 2);
        Assert.Equal(2, _pool.Shares.NextToResume()!.Id);
    }

    private static LinkedListNode<IBufferHolder> Wait(BufferShare share, long id)
    {
        LinkedListNode<IBufferHolder> wait = new(new Holder(id));
        share.Wait(wait);
        return wait;
    }

    private static int Reclaim(BufferShare share, long wanted, int max) => share.Reclaim(wanted, max, (_, fault) => throw fault);

    private static void Take(BufferShare share, int count, Holder holder) => share.SetAside(0, count, holder);

    private List<int> Fill(BufferShare share)
    {
        List<int> sizes = [];
        while (share.WindowFor(1) is > 0 and int window) sizes.Add(share.SetAside(0, window, _holder).Size);
        return sizes;
    }

    private void Tick(int times)
    {
        for (int i = 0; i < times; i++) _pool.OnTick();
    }

    private sealed class Holder(long id, List<long>? told = null) : IBufferHolder
    {
        public long Id { get; set; } = id;

        public Exception? Fault { get; init; }

        public void OnBufferAvailable()
        {
        }

        public bool GiveUpBuffer(long id)
        {
            if (Fault is not null) throw Fault;
            if (id != Id) return false;
            told?.Add(id);
            return true;
        }

        public void OnFault(Exception fault)
        {
        }
    }
}
