using CsCheck;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>Any sequence of changes: the table says what the naive model says, whatever is flattened and whatever is recent.</summary>
public sealed class NetworkTablePropertyTests
{
    // A few bits away from one of a few addresses, so that networks lie in each other and addresses in networks.
    private static readonly Gen<UInt128> Flips = Gen.Int[0, 127].Array[0, 3]
        .Select(bits => bits.Aggregate(UInt128.Zero, (flips, bit) => flips ^ (UInt128.One << bit)));

    private static readonly Gen<InetEndPoint> IPv4 = Gen.Select(
        Gen.OneOf(Gen.Const(0u), Gen.Const(0x0A00_0000u), Gen.Const(uint.MaxValue)), Flips,
        (address, flips) => InetEndPoint.FromIPv4(address ^ (uint)flips, 1));

    private static readonly Gen<InetEndPoint> IPv6 = Gen.Select(
        Gen.OneOf(Gen.Const(UInt128.Zero), Gen.Const(new UInt128(0x20010DB8_00000000, 1)), Gen.Const(UInt128.MaxValue)), Flips,
        (address, flips) => InetEndPoint.FromIPv6(address ^ flips, 1));

    private static readonly Gen<InetEndPoint> Embedded = Gen.Select(IPv4, Gen.Bool, (end, isMapped) =>
        InetEndPoint.FromIPv6(new UInt128(isMapped ? 0 : 0x0064_FF9B_0000_0000ul, (isMapped ? 0xFFFF_0000_0000ul : 0) | end.AddressV4), 1));

    private static readonly Gen<InetEndPoint> Ends = Gen.OneOf(IPv4, IPv6, Embedded);

    private static readonly Gen<Network> Networks = Gen.Select(Ends, Gen.Int[0, 128], Gen.Int[0, 3]).Select((end, length, kind) =>
    {
        int width = end.Family == EndPointFamily.InterNetwork ? 32 : 128;
        return Network.Of(end, kind == 0 ? width : length % (width + 1), out _)!.Value;
    });

    private static readonly Gen<NetworkEntry> Entries = Gen.Select(Networks, Gen.Int[0, 3], Gen.UInt[0, 2], Gen.UInt[0, 60],
        Gen.UShort[0, 2], (network, action, number, expires, service) => new NetworkEntry(
            network, action == 0 ? NetworkAction.Allow : NetworkAction.Deny, number, expires > 40 ? NetworkEntry.Never : expires, service));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (12, Entries.Select(e => new Step(StepKind.Set, [e]))),
        (4, Entries.Select(e => new Step(StepKind.Remove, [e]))),
        (4, Gen.Const(new Step(StepKind.RemoveOne, []))),
        (3, Gen.Const(new Step(StepKind.Tick, []))),
        (2, Gen.Const(new Step(StepKind.Merge, []))),
        (1, Entries.Array[0, 20].Select(e => new Step(StepKind.Replace, e))));

    private enum StepKind
    {
        Set,
        Remove,
        RemoveOne,
        Tick,
        Merge,
        Replace,
    }

    [Fact]
    public void Table_AnyChanges_SaysWhatTheModelSays() =>
        Gen.Select(Steps.Array[1, 60], Ends.Array[1, 40]).Sample((steps, ends) =>
        {
            NetworkTable table = new();
            NaiveNetworks naive = new();
            uint now = 0;
            foreach (Step step in steps)
            {
                Take(step, table, naive, ref now);
                foreach (InetEndPoint end in ends) AssertSame(table, naive, end, now);
                Assert.Equal(naive.Live(now).ToHashSet(), table.Entries(now).ToHashSet());
            }
            table.Merge(now);
            Assert.Equal(naive.Live(now).Order(Comparer<NetworkEntry>.Create(NetworkEntry.Compare)), table.Entries(now));
            Assert.Equal(naive.Live(now).Count(), table.Count);
        }, iter: 1_500);

    private static void Take(Step step, NetworkTable table, NaiveNetworks naive, ref uint now)
    {
        switch (step.Kind)
        {
            case StepKind.Set:
                Assert.Equal(NetworkChange.Done, table.Set(step.Entries[0], now));
                naive.Set(step.Entries[0]);
                break;
            case StepKind.Remove:
                Assert.Equal(naive.Remove(step.Entries[0], now), table.Remove(step.Entries[0], now));
                break;
            case StepKind.RemoveOne when naive.Live(now).FirstOrDefault() is { Network.Family: not EndPointFamily.Unspecified } entry:
                Assert.True(naive.Remove(entry, now));
                Assert.True(table.Remove(entry, now));
                break;
            case StepKind.Tick:
                now += 7;
                break;
            case StepKind.Merge:
                table.Merge(now);
                break;
            case StepKind.Replace:
                Assert.Equal(NetworkChange.Done, table.Replace(e => e.Number == 0, step.Entries, now));
                naive.Replace(0, step.Entries);
                break;
        }
    }

    private static void AssertSame(NetworkTable table, NaiveNetworks naive, InetEndPoint end, uint now)
    {
        for (ushort service = 0; service <= 2; service++)
        {
            NetworkEntry[] deciding = naive.Deciding(end, service, now);
            if (table.TryFind(end, service, now, out NetworkEntry found)) Assert.Contains(found, deciding);
            else Assert.Empty(deciding);
        }
        Assert.Equal(naive.Covering(end, now).ToHashSet(), table.Covering(end, now).ToHashSet());
    }

    private sealed record Step(StepKind Kind, NetworkEntry[] Entries)
    {
        public override string ToString() => $"{Kind} {string.Join(", ", Entries.Select(e => $"{Texts.Text(e)} until {e.Expires}"))}";
    }
}
