using System.Reflection;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>The reference of <c>doctor</c> says what the program does: it is made from the program's own table.</summary>
public sealed class DoctorReferenceTests
{
    private const string Rewrite = "FASTTCPPROXY_WRITE_DOCUMENTS";

    [Fact]
    public void Reference_IsWhatTheTableSays()
    {
        string path = Path.Combine(ProxyExecutable.RepositoryRoot, "src/docs/doctor.md");
        string made = DoctorReference.Write();

        if (Environment.GetEnvironmentVariable(Rewrite) == "1") File.WriteAllText(path, made);

        string written = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(written == made, $"{path} is not what the table says: run this test with {Rewrite}=1, and commit what it wrote");
    }

    [Fact]
    public void Table_HasEachRuleOnceAndEachCodeOnce()
    {
        MachineRule[] listed = [.. MachineRules.Chapters.SelectMany(chapter => chapter.Rules)];
        MachineRule[] declared = [.. typeof(MachineRules).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(p => p.PropertyType == typeof(MachineRule)).Select(p => (MachineRule)p.GetValue(null)!)];

        Assert.Equal(declared.OrderBy(r => r.Code), listed.OrderBy(r => r.Code));
        Assert.Equal(listed.Length, listed.Select(r => r.Code).Distinct().Count());
    }
}
