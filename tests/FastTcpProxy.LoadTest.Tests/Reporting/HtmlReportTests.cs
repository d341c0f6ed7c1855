using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using FastTcpProxy.LoadTest.Reporting;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class HtmlReportTests
{
    /// <summary>Attributes by which a page loads something.</summary>
    private static readonly string[] Loading = ["src", "href", "srcset", "data", "action", "poster", "style"];

    [Fact]
    public void Write_IsWellFormed_NeedsNothingElse_AndRunsNothing()
    {
        XElement page = Parse(HtmlReport.Write(Samples.WithHostileTexts, Samples.Verdicts));

        Assert.DoesNotContain(page.DescendantsAndSelf(), e => e.Name.LocalName is "script" or "link" or "img" or "iframe" or "object");
        Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(),
            a => Loading.Contains(a.Name.LocalName) || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotMatch(new Regex("url\\(|@import"), page.Descendants("style").Single().Value);
        Assert.Equal(Samples.Hostile, page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Write_Charts_HaveAPointForEachSecondAndSample()
    {
        XElement page = Parse(HtmlReport.Write(Samples.Run, Samples.Verdicts));

        XElement[] charts = [.. page.Descendants("svg")];
        Assert.Equal(5, charts.Length);
        Assert.Equal([3, 3, 3], charts[0].Elements("polyline").Select(PointsOf));
        Assert.Equal([2], charts[2].Elements("polyline").Select(PointsOf));
        Assert.Equal(["healthy", "silent"], charts[0].Elements("text").Select(t => t.Value).Where(t => t is "healthy" or "silent"));
        Assert.Equal(["holds", "breached"],
            page.Descendants("span").Where(s => (string?)s.Attribute("class") is "good" or "bad").Select(s => s.Value));
    }

    /// <summary>Later values are further right, larger ones higher up.</summary>
    [Fact]
    public void Write_Chart_PointsAreWhereTheAxesSay()
    {
        XElement page = Parse(HtmlReport.Write(Samples.Run, []));

        double[][] points = [.. page.Descendants("svg").ElementAt(4).Elements("polyline").Single().Attribute("points")!.Value.Split(' ')
            .Select(p => p.Split(',').Select(double.Parse).ToArray())];
        Assert.True(points[0][0] < points[1][0] && points[0][1] > points[1][1],
            $"{points[0][0]},{points[0][1]} {points[1][0]},{points[1][1]}");
    }

    /// <summary>A run that was given up at once has no second and no sample.</summary>
    [Fact]
    public void Write_NothingWasMeasured_IsAPageStill() =>
        Assert.Equal(5, Parse(HtmlReport.Write(Samples.Run with { Phases = [], Seconds = [], Samples = [], Figures = [], Notes = [] }, []))
            .Descendants("svg").Count());

    private static int PointsOf(XElement line) => line.Attribute("points")!.Value.Split(' ').Length;

    private static XElement Parse(string page)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }
}
