using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>Verdicts on their way: bounded, the worst first, and one that cannot be read costs no other.</summary>
public sealed class HealthParcelTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Pack_ReadsBack()
    {
        ImmutableArray<HealthVerdict> verdicts = [Verdict("a", isUp: false), Verdict("b", isUp: true)];

        ImmutableArray<HealthVerdict> read = HealthParcel.Unpack(Sent(HealthParcel.Pack(verdicts)));

        Assert.Equal(verdicts.Select(Text), read.Select(Text));
    }

    [Fact]
    public void Pack_None_IsNothing() => Assert.Null(HealthParcel.Pack([]));

    [Fact]
    public void Pack_MoreThanFit_KeepsThoseThatAreDown()
    {
        ImmutableArray<HealthVerdict> verdicts = [.. Enumerable.Range(0, 20_000).Select(i => Verdict($"u{i}", isUp: i < 19_900))];

        TakeOverDocument document = new(1, "1", 7, [new TakeOverListener("127.0.0.1:25", 1)], []) { Health = HealthParcel.Pack(verdicts) };

        ImmutableArray<HealthVerdict> read = HealthParcel.Unpack(TakeOverDocument.Parse(document.ToBytes()).Health);
        Assert.InRange(read.Length, 101, 19_999);
        Assert.Equal(100, read.Count(v => !v.IsUp));
        Assert.InRange(document.ToBytes().Length, HealthParcel.BytesMax / 2, HealthParcel.BytesMax + 1024);
    }

    [Fact]
    public void Unpack_OneOfALaterVersion_IsLeftOut()
    {
        string good = JsonSerializer.Serialize(HealthParcel.Pack([Verdict("a", isUp: false)]));
        string mixed = good.Replace("[{", """[7, null, [], {"service":"s"}, {""", StringComparison.Ordinal).Replace("\"isUp\"",
            "\"later\":{},\"isUp\"", StringComparison.Ordinal);

        Assert.Equal("a", Assert.Single(HealthParcel.Unpack(JsonDocument.Parse(mixed).RootElement)).Upstream);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\"text\"")]
    public void Unpack_NoList_IsNothing(string text) => Assert.Empty(HealthParcel.Unpack(JsonDocument.Parse(text).RootElement));

    private static JsonElement? Sent(JsonElement? parcel) =>
        TakeOverDocument.Parse(new TakeOverDocument(1, "1", 7, [], []) { Health = parcel }.ToBytes()).Health;

    private static string Text(HealthVerdict verdict) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(verdict));

    private static HealthVerdict Verdict(string upstream, bool isUp) =>
        new("s", upstream, "127.0.0.1:26", "c", isUp, At, At, isUp ? null : "ConnectTimeout", "timed out", 1.5, 2.5, 3,
            1) { Recent = [At] };
}
