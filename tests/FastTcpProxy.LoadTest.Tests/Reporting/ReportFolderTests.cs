using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class ReportFolderTests
{
    [Fact]
    public void Write_IntoANewFolder_HasEachFormat_AndNothingElse()
    {
        using TempFolder folder = new("report");
        string path = folder["new/one"];

        ReportFolder.Create(path);
        ReportFolder.Write(Samples.Run, Samples.Verdicts, path);

        Assert.Equal(["phases.csv", "report.html", "report.json", "report.md", "report.txt", "seconds.csv"],
            Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f)).Order());
    }

    /// <summary>A file is in its place, and a place where nobody can write.</summary>
    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("/proc/reports")]
    [InlineData("/proc/self")]
    public void Create_CannotBe_SaysWhere(string path) =>
        Assert.StartsWith($"--report {path}: ", Assert.Throws<StageException>(() => ReportFolder.Create(path)).Message,
            StringComparison.Ordinal);
}
