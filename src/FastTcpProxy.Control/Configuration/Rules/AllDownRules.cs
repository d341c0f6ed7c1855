using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns of an <c>allDown</c> that never takes effect. Pure, any thread.</summary>
internal static class AllDownRules
{
    public static void Check(ServiceConfiguration service, Position allDownAt, BindingContext context)
    {
        // With errors in the file an upstream may seem to be without a check only because that could not be read.
        if (service.AllDown == AllDownSetting.Fail && context.Problems.Errors == 0
            && service.Upstreams.All(upstream => upstream.HealthCheck is null))
            context.Problems.Warning(allDownAt, ConfigurationCodes.CheckKeyWithoutEffect,
                "allDown has no effect, because no upstream of this service is checked and none is ever down, expected \"healthCheck\" "
                + "beside it");
    }
}
