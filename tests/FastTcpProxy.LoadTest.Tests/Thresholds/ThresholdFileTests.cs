using System.Text;
using FastTcpProxy.LoadTest.Thresholds;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Thresholds;

public sealed class ThresholdFileTests
{
    [Fact]
    public void Read_File_HasThemInTheirOrder()
    {
        using TempFolder folder = new();
        string path = folder.Write("t.json", """
            {
              // What our service promises.
              "thresholds": { "silent.p99_ms": { "max": 5250 }, "all.count": { "min": 1000, "max": 2e6 }, }
            }
            """);

        Assert.Equal([new Threshold("silent.p99_ms", Max: 5250), new Threshold("all.count", Max: 2e6, Min: 1000)],
            ThresholdFile.Read(path));
    }

    [Theory]
    [InlineData("", "line 1: ")]
    [InlineData("[]", "the file: Array, expected an object")]
    [InlineData("{}", "\"thresholds\" is missing")]
    [InlineData("""{ "threshold": {} }""", "unknown key \"threshold\", expected \"thresholds\" alone")]
    [InlineData("""{ "thresholds": {} }""", "0 thresholds, expected 1 to 200")]
    [InlineData("""{ "thresholds": { "a": 5 } }""", "thresholds.\"a\": Number, expected an object")]
    [InlineData("""{ "thresholds": { "a": {} } }""", "thresholds.\"a\": expected \"min\", \"max\" or both")]
    [InlineData("""{ "thresholds": { "a": { "max": "5" } } }""", "thresholds.\"a\".max: String, expected a number")]
    [InlineData("""{ "thresholds": { "a": { "maximum": 5 } } }""",
        "thresholds.\"a\": unknown key \"maximum\", expected \"min\", \"max\" or both")]
    [InlineData("""{ "thresholds": { "a": { "max": 5, "min": 6 } } }""", "thresholds.\"a\": min 6 is above max 5")]
    [InlineData("""{ "thresholds": { "a": { "max": 5, "max": 6 } } }""", "Duplicate property 'max'")]
    [InlineData("""{ "thresholds": { "a": { "max": 1e999 } } }""", "thresholds.\"a\".max: Number, expected a number")]
    public void Parse_Wrong_SaysWhere(string text, string expected)
    {
        var error = Assert.Throws<ThresholdException>(() => ThresholdFile.Parse("t.json", Encoding.UTF8.GetBytes(text)));

        Assert.StartsWith("t.json: " + expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ThresholdFile.ThresholdsMax, true)]
    [InlineData(ThresholdFile.ThresholdsMax + 1, false)]
    public void Parse_AtTheLimit_OfTheirNumber(int count, bool isOk)
    {
        string text = "{ \"thresholds\": {"
            + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"f{i}\": {{ \"max\": 1 }}")) + "} }";

        Exception? error = Record.Exception(() => ThresholdFile.Parse("t.json", Encoding.UTF8.GetBytes(text)));

        Assert.Equal(isOk, error is null);
    }

    [Fact]
    public void Read_TooLargeOrMissing_SaysSo()
    {
        using TempFolder folder = new();
        string large = folder.Write("large.json", new string(' ', ThresholdFile.BytesMax + 1));

        Assert.EndsWith("larger than 65536 bytes", Assert.Throws<ThresholdException>(() => ThresholdFile.Read(large)).Message,
            StringComparison.Ordinal);
        Assert.Contains("none.json", Assert.Throws<ThresholdException>(() => ThresholdFile.Read(folder["none.json"])).Message,
            StringComparison.Ordinal);
    }
}
