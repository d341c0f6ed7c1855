using System.Text.Json;
using FastTcpProxy.Compare.Measurements;
using FastTcpProxy.Compare.Reporting;
using Spectre.Console;

namespace FastTcpProxy.Compare.Tests.Reporting;

/// <summary>The three forms of a report.</summary>
public sealed class ReportTests
{
    [Theory]
    [InlineData(0.3721, "0.372")]
    [InlineData(56.24, "56.24")]
    [InlineData(123.45, "123.5")]
    [InlineData(3526.4, "3526")]
    [InlineData(-12.5, "-12.50")]
    public void Number_OfAnySize_HasThreeDigitsOrMore(double value, string text) => Assert.Equal(text, ReportRows.Number(value));

    [Fact]
    public void Rows_WithMarks_SayThemBehindTheFigure()
    {
        Measurement measurement = Given.Measurement(Given.Figure("ours"),
            Given.Figure("peer") with { LoadBound = true, Starved = true, Errors = 2, FirstError = "broken pipe" });
        string[][] rows = ReportRows.Rows(measurement);
        Assert.Equal(["ours", "56.20", "50.10", "60.30", "1.20", "99 %", "81 %"], rows[0]);
        Assert.Equal("56.20 !~E", rows[1][1]);
        string[] notes = [.. ReportRows.Footnotes(measurement)];
        Assert.Contains(notes, n => n.StartsWith("! the load generator, not the proxy, was the limit", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.StartsWith("~ ", StringComparison.Ordinal));
        Assert.Contains("E peer: 2 errors, the first: broken pipe", notes);
    }

    [Fact]
    public void Columns_WithoutContent_AreLeftOut()
    {
        Measurement measurement = Given.Measurement(Given.Figure("ours") with { ProxyUtilization = null, LoadUtilization = null });
        Assert.Equal(["contestant", "median", "min", "max", "this/ours"], ReportRows.Headings(measurement));
        measurement = Given.Measurement(Given.Figure("ours") with { Quantity = "p99" });
        Assert.Equal(["contestant", "quantity", "median", "min", "max", "this/ours", "proxy CPU", "load CPU"],
            ReportRows.Headings(measurement));
    }

    [Fact]
    public void Markdown_OfAReport_HoldsWhatItTakesToMakeItAgain()
    {
        string text = MarkdownReport.Render(Given.Report);
        Assert.Contains("    dotnet run -c Release --project bench/compare -- --what conn\n", text);
        Assert.Contains("| machine | A CPU, 2 CPUs |\n", text);
        Assert.Contains("| kernel | Linux 6.1 |\n", text);
        Assert.Contains("| nginx | absent: no nginx in PATH |\n", text);
        Assert.Contains("| contestant | median | min | max | this/ours | proxy CPU | load CPU |\n| --- | ---: | ---: "
            + "| ---: | ---: | ---: | ---: |\n", text);
        Assert.Contains("| peer \\| one | 56.20 ! | 50.10 | 60.30 | 1.20 | 99 % | 81 % |\n", text);
        Assert.Contains("## Not measured\n\n- idle v2: it died; its last lines:   x\n", text);
    }

    [Fact]
    public void Markdown_Tables_HaveAsManyCellsInEachRow()
    {
        string[][] tables = [.. MarkdownTable.Read(MarkdownReport.Render(Given.Report))];
        Assert.Equal(2, tables.Length);
        Assert.All(tables, table => Assert.Single(table.Select(MarkdownTable.CellCount).Distinct()));
    }

    [Fact]
    public void Json_OfAReport_IsReadBackTheSame()
    {
        string json = JsonSerializer.Serialize(Given.Report, ReportJson.Default.Report);
        Assert.Equivalent(Given.Report, JsonSerializer.Deserialize(json, ReportJson.Default.Report));
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement figure = document.RootElement.GetProperty("measurements")[0].GetProperty("figures")[1];
        Assert.True(figure.GetProperty("loadBound").GetBoolean());
        Assert.Equal("HAProxy", document.RootElement.GetProperty("contestants")[1].GetProperty("kind").GetString());
    }

    [Fact]
    public void Terminal_OfAReport_ShowsMarksAndBrackets()
    {
        StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        TerminalReport.Write(Given.Report with { Notes = ["a [note]"] }, console);
        string text = output.ToString();
        Assert.Contains("a [note]", text);
        Assert.Contains("56.20 !", text);
        Assert.Contains("nginx: absent: no nginx in PATH", text);
        Assert.Contains("not measured: idle v2", text);
    }
}
