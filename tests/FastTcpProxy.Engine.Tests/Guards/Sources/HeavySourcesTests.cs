using CsCheck;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>The heaviest sources against the truth.</summary>
public sealed class HeavySourcesTests
{
    private const int Shown = 20;

    /// <summary>A million connections of 100,000 sources by Zipf's law, over two loops, a third of them refused.</summary>
    [Theory]
    [InlineData(0.9)]
    [InlineData(1.1)]
    [InlineData(1.5)]
    public void Read_OfAZipfStream_IsWithinFivePercent(double exponent)
    {
        Random random = new(7);
        double[] cumulated = new double[100_000];
        double sum = 0;
        for (int i = 0; i < cumulated.Length; i++) cumulated[i] = sum += Math.Pow(i + 1, -exponent);
        HeavySources heavy = new(loops: 2);
        Truth truth = new();
        for (int i = 0; i < 1_000_000; i++)
        {
            int at = Array.BinarySearch(cumulated, random.NextDouble() * sum);
            truth.Add(heavy, random.Next(2), at < 0 ? ~at : at, random.Next(3) > 0, nowUs: 0);
        }
        truth.AssertShown(heavy, nowUs: 0, leastSources: 3);
    }

    /// <summary>The worst for the sketch: a few sources just above a hundredth, between others that never come again.</summary>
    [Fact]
    public void Read_BetweenSourcesThatComeOnce_IsWithinFivePercent()
    {
        Random random = new(8);
        HeavySources heavy = new(loops: 2);
        Truth truth = new();
        for (int i = 0; i < 600_000; i++)
        {
            int dice = random.Next(1_000);
            truth.Add(heavy, i & 1, dice < 110 ? dice / 11 : 1_000 + i, isAccepted: dice % 2 == 0, nowUs: i);
        }
        truth.AssertShown(heavy, nowUs: 600_000, leastSources: 10);
    }

    /// <summary>Any stream: nothing is lost, and what is said of a source has the truth between its bounds.</summary>
    [Fact]
    public void Sketch_OfAnyStream_KeepsTheSumAndTheBounds() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 6_000], Gen.Int[1, 12_000])
        .Sample((seed, sources, length) =>
        {
            Random random = new(seed);
            SourceSketch sketch = new();
            Dictionary<SourceKey, long> truth = [];
            for (int i = 0; i < length; i++)
            {
                // The hashes of some are the same, and lie at the end of the slots.
                int source = (int)(sources * random.NextDouble() * random.NextDouble());
                SourceKey key = Key(source);
                sketch.Add(key, source % 50 == 0 ? uint.MaxValue : (uint)source * 2_654_435_761, random.Next(2) == 0);
                truth[key] = truth.GetValueOrDefault(key) + 1;
            }
            List<HeavySource> said = [.. Enumerable.Range(0, sketch.Used).Select(i => sketch.TryRead(i, out HeavySource s) ? s : default)];
            Assert.Equal(Math.Min(truth.Count, SourceSketch.Counters), said.Select(s => s.Key).Distinct().Count());
            Assert.Equal(length, said.Sum(s => s.Counted + s.UnseenMax));
            Assert.All(said, s => Assert.InRange(truth[s.Key], s.Counted, s.Counted + s.UnseenMax));
            long unseenMax = sketch.Used < SourceSketch.Counters ? 0 : said.Min(s => s.Counted + s.UnseenMax);
            Assert.Equal(unseenMax, sketch.UnseenMax);
            Assert.All(truth.Where(t => t.Value > unseenMax), t => Assert.Contains(said, s => s.Key == t.Key));
        }, iter: 60);

    [Fact]
    public void Read_AfterTwoPeriods_HasForgotten()
    {
        HeavySources heavy = new(loops: 2, periodUs: 1_000);
        for (int i = 0; i < 10; i++) heavy.Add(0, Key(1), isAccepted: true, nowUs: 5_000);
        heavy.Add(0, Key(2), isAccepted: false, nowUs: 6_000);
        heavy.Add(1, Key(1), isAccepted: false, nowUs: 6_500);
        Assert.Equal([new HeavySource(Key(1), 10, 1, 0), new HeavySource(Key(2), 0, 1, 0)], heavy.Read(Shown, 6_999));
        Assert.Equal([new HeavySource(Key(1), 0, 1, 0), new HeavySource(Key(2), 0, 1, 0)],
            heavy.Read(Shown, 7_000).OrderBy(s => s.Key.Low));
        Assert.Empty(heavy.Read(Shown, 8_000));
        heavy.Add(0, Key(3), isAccepted: true, nowUs: 9_000);
        Assert.Equal([new HeavySource(Key(3), 1, 0, 0)], heavy.Read(Shown, 9_000));
    }

    [Fact]
    public void Add_OfKnownAndUnknownSources_AllocatesNothing()
    {
        HeavySources heavy = new(loops: 1, periodUs: 1_000);
        int next = 0;
        Action round = () =>
        {
            for (int i = 0; i < 10_000; i++) heavy.Add(0, Key(i % 3 == 0 ? 1 : next++), isAccepted: true, nowUs: next);
        };
        round();
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    /// <summary>A source that one loop counts all the while is read whole, whatever counters change hands around it.</summary>
    [Fact]
    public void Read_WhileALoopCounts_MixesNoTwoSources()
    {
        HeavySources heavy = new(loops: 1);
        bool isOver = false;
        Thread loop = new(() =>
        {
            for (int i = 0; !Volatile.Read(ref isOver); i++) heavy.Add(0, Key(i % 4 == 0 ? 1 : i + 4), isAccepted: i % 4 == 0, nowUs: 0);
        });
        loop.Start();
        long last = 0;
        for (int i = 0; i < 300; i++)
        {
            foreach (HeavySource source in heavy.Read(SourceSketch.Counters, 0))
            {
                if (source.Key != Key(1))
                {
                    Assert.True(source.Accepted == 0 && source.Refused <= 1, source.ToString());
                    continue;
                }
                Assert.InRange(source.Accepted, last, long.MaxValue);
                last = source.Accepted;
                Assert.Equal(0, source.Refused);
            }
        }
        Volatile.Write(ref isOver, true);
        loop.Join();
        Assert.True(last > 0);
    }

    private static SourceKey Key(int i) => SourceKey.Of(InetEndPoint.FromIPv4((uint)i, 0));

    /// <summary>Counts everything.</summary>
    private sealed class Truth
    {
        private readonly Dictionary<SourceKey, (long Accepted, long Refused)> _counts = [];
        private long _all;

        public void Add(HeavySources heavy, int loop, int source, bool isAccepted, long nowUs)
        {
            heavy.Add(loop, Key(source), isAccepted, nowUs);
            (long accepted, long refused) = _counts.GetValueOrDefault(Key(source));
            _counts[Key(source)] = isAccepted ? (accepted + 1, refused) : (accepted, refused + 1);
            _all++;
        }

        public void AssertShown(HeavySources heavy, long nowUs, int leastSources)
        {
            IReadOnlyList<HeavySource> shown = heavy.Read(Shown, nowUs);
            Assert.Equal(Shown, shown.Count);
            var above = _counts.Where(c => c.Value.Accepted + c.Value.Refused > _all / 100)
                .OrderByDescending(c => c.Value.Accepted + c.Value.Refused).Take(Shown).ToList();
            Assert.InRange(above.Count, leastSources, Shown);
            foreach ((SourceKey key, (long accepted, long refused)) in above)
            {
                HeavySource said = Assert.Single(shown, s => s.Key == key);
                Assert.InRange(said.Counted, 0.95 * (accepted + refused), accepted + refused);
                Assert.InRange(accepted + refused, said.Counted, said.Counted + said.UnseenMax);
                Assert.InRange(said.Accepted, accepted - 0.05 * (accepted + refused), accepted);
                Assert.InRange(said.Refused, refused - 0.05 * (accepted + refused), refused);
            }
        }
    }
}
