using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Two threads in one table: counts are exact, whatever they overtake each other in.</summary>
public sealed class SourceTableThreadTests
{
    private const int Threads = 2;

    /// <summary>Limit 10, 50 at once, 200 rounds: 10 get in, never 11. Each round's source is a new one for both threads.</summary>
    [Fact]
    public void Sessions_FiftyAtOnceFromTwoThreads_AreNeverMoreThanTheLimit()
    {
        const int Rounds = 200, Clients = 50, SessionsMax = 10;
        SourceTable table = new(SourceTable.CapacityMin);
        SourceLimits limits = new(SessionsMax, default, BanTerms.None);
        int[] admitted = new int[Rounds];
        using Barrier barrier = new(Threads);
        Run(thread =>
        {
            SourceHandle[] handles = new SourceHandle[Clients / Threads];
            for (int round = 0; round < Rounds; round++)
            {
                SourceKey key = Key(round / 2);
                barrier.SignalAndWait();
                int count = 0;
                for (int i = 0; i < Clients / Threads; i++)
                {
                    if (table.Admit(key, limits, round) is { IsAdmitted: true } answer) handles[count++] = answer.Handle;
                }
                Interlocked.Add(ref admitted[round], count);
                barrier.SignalAndWait();
                while (count > 0) Assert.True(table.Release(handles[--count], round));
            }
        });
        Assert.All(admitted, count => Assert.Equal(SessionsMax, count));
    }

    /// <summary>A burst of 1,000 and more questions than tokens, while time passes: not one token more, and not one less.</summary>
    [Fact]
    public void Tokens_FromTwoThreads_AreExactlyThoseOfTheRate()
    {
        const int Questions = 400_000;
        SourceTable table = new(SourceTable.CapacityMin);
        SourceLimits limits = new(0, TokenRate.Of(100_000, 1_000), BanTerms.None);
        long nowUs = 1_000_000, admitted = 0;
        Run(_ =>
        {
            long own = 0;
            for (int i = 0; i < Questions; i++)
            {
                SourceAnswer answer = table.Admit(Key(1), limits, Interlocked.Increment(ref nowUs));
                if (!answer.IsAdmitted) continue;
                own++;
                table.Release(answer.Handle, Volatile.Read(ref nowUs));
            }
            Interlocked.Add(ref admitted, own);
        });
        Assert.InRange(admitted, 1_000 + Threads * Questions / 10 - 2, 1_000 + Threads * Questions / 10);
    }

    /// <summary>
    /// Few sources with a limit, and many that evict each other, on the smallest table. Each limit holds at each moment, and at the end
    /// nothing is left of any session.
    /// </summary>
    [Fact]
    public void Steps_WithEvictionBetween_KeepEachLimitAndLoseNothing()
    {
        const int Steps = 300_000, Sources = 16, SessionsMax = 5;
        SourceTable table = new(SourceTable.CapacityMin);
        SourceLimits limits = new(SessionsMax, default, BanTerms.None);
        int[] inside = new int[Sources], most = new int[Sources];
        int refused = 0;
        Run(thread =>
        {
            Random random = new(thread);
            List<(int Source, SourceHandle Handle)> own = [];
            for (int i = 0; i < Steps; i++)
            {
                // A source that only this thread has, and that leaves at once: it goes by every entry.
                SourceAnswer flood = table.Admit(Key(1_000 + thread + Threads * random.Next(50_000)), limits, i);
                if (flood.IsAdmitted) Assert.True(table.Release(flood.Handle, i));
                if (own.Count > 0 && random.Next(2) == 0)
                {
                    int which = random.Next(own.Count);
                    Interlocked.Decrement(ref inside[own[which].Source]);
                    Assert.True(table.Release(own[which].Handle, i));
                    own.RemoveAt(which);
                    continue;
                }
                int source = random.Next(Sources);
                if (table.Admit(Key(source), limits, i) is { IsAdmitted: true } answer)
                {
                    Assert.False(answer.IsOverflow);
                    own.Add((source, answer.Handle));
                    Raise(ref most[source], Interlocked.Increment(ref inside[source]));
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }
            }
            foreach ((int source, SourceHandle handle) in own)
            {
                Interlocked.Decrement(ref inside[source]);
                Assert.True(table.Release(handle, Steps));
            }
        });
        Assert.All(most, count => Assert.Equal(SessionsMax, count));
        Assert.True(refused > 0);
        Assert.True(table.ReadCounts(Steps).Evicted > Steps);
        Assert.All(Enumerable.Range(0, Sources), source => Assert.Equal(0, table.Peek(Key(source), limits, Steps).Sessions));
    }

    /// <summary>Each source is banned until a time of its own, and pardoned so that another one can have its entry.</summary>
    [Fact]
    public void Read_WhileSourcesComeAndGo_MixesNoTwoOfThem()
    {
        const int Steps = 200_000;
        SourceTable table = new(SourceTable.CapacityMin);
        bool isOver = false;
        int read = 0;
        Exception? failure = null;
        Thread reader = new(() => failure = Record.Exception(() =>
        {
            SourceRecord[] records = new SourceRecord[64];
            while (!Volatile.Read(ref isOver))
            {
                for (int position = 0; table.Read(ref position, records, 0) is > 0 and int count;)
                {
                    foreach (SourceRecord record in records.AsSpan(0, count))
                    {
                        if (!record.IsBan) continue;
                        Assert.Equal(1_000 + record.Key.Address.AddressV4, record.PenaltyInMs);
                        read++;
                    }
                }
            }
        }));
        reader.Start();
        Run(thread =>
        {
            Random random = new(thread);
            Queue<SourceKey> banned = [];
            for (int i = 0; i < Steps; i++)
            {
                int number = thread + Threads * random.Next(50_000);
                if (!table.Ban(Key(number), (1_000 + number) * 1_000L, BanTerms.None, 0)) continue;
                banned.Enqueue(Key(number));
                if (banned.Count > 300) table.Pardon(banned.Dequeue(), 0);
            }
        });
        Volatile.Write(ref isOver, true);
        reader.Join();
        Assert.Null(failure);
        Assert.True(read > 1_000);
    }

    private static SourceKey Key(int number) => SourceKey.Of(InetEndPoint.FromIPv4((uint)number, 0));

    private static void Raise(ref int most, int now)
    {
        for (int seen = Volatile.Read(ref most); now > seen;)
        {
            int before = Interlocked.CompareExchange(ref most, now, seen);
            seen = before == seen ? now : before;
        }
    }

    private static void Run(Action<int> work)
    {
        Exception?[] failures = new Exception?[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads)
            .Select(i => new Thread(() => failures[i] = Record.Exception(() => work(i))))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.All(failures, Assert.Null);
    }
}
