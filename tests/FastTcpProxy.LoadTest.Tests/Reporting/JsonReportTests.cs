using System.Text.Json;
using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class JsonReportTests
{
    [Fact]
    public void Read_WhatWasWritten_IsTheRun()
    {
        string json = JsonReport.Write(Samples.WithHostileTexts, []);

        RunResult read = JsonReport.Read(json);

        Assert.Equal(Samples.Hostile, read.Notes[0]);
        Assert.Equal(json, JsonReport.Write(read, []));
    }

    [Fact]
    public void Write_Verdicts_SayWhatHoldsAndWhatIsBreached()
    {
        using JsonDocument document = JsonDocument.Parse(JsonReport.Write(Samples.Run, Samples.Verdicts));

        Assert.Equal([true, false],
            document.RootElement.GetProperty("verdicts").EnumerateArray().Select(v => v.GetProperty("isOk").GetBoolean()));
        Assert.Equal(9_000, document.RootElement.GetProperty("figures")[1].GetProperty("value").GetDouble());
    }

    /// <summary>JSON has no number for what is unknown; a report of it must be written all the same.</summary>
    [Fact]
    public void Write_UnknownFigures_AreNull()
    {
        RunResult run = Samples.Run with { Phases = [Samples.Run.Phases[0] with { P99Ms = null, LastSlowSeconds = null }] };
        Threshold[] bounds = [new("healthy.p99_ms", Max: 1), new("healthy.p99_ms/healthy.errors", Max: 1)];

        string json = JsonReport.Write(run, Judge.Of(run, bounds));

        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("phases")[0].GetProperty("p99Ms").ValueKind);
        Assert.All(document.RootElement.GetProperty("verdicts").EnumerateArray(),
            v => Assert.Equal(JsonValueKind.Null, v.GetProperty("value").ValueKind));
        Assert.Null(JsonReport.Read(json).Phases[0].LastSlowSeconds);
    }

    [Theory]
    [InlineData("", "no report")]
    [InlineData("[]", "no report")]
    [InlineData("{ \"schema\": 1 }", "no report")]
    [InlineData("null", "expected 1")]
    public void Read_NoneOfOurs_SaysSo(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => JsonReport.Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_AnotherSchema_IsRefused() =>
        Assert.Contains("schema 2",
            Assert.Throws<InvalidDataException>(() => JsonReport.Read(
                JsonReport.Write(Samples.Run, []).Replace("\"schema\": 1", "\"schema\": 2"))).Message, StringComparison.Ordinal);
}
