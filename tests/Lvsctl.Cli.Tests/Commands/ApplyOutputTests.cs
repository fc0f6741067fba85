using System.Net;
using System.Text.Json;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Tests.Commands;

public class ApplyOutputTests
{
    static readonly ServiceKey s_web = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    static readonly PlanStep s_step = new(PlanAction.Remove, new TableChange.RemoveService(s_web), s_web, "web", null, null, [], null);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_apply_that_was_stopped_midway_says_so_with_code_6(bool json)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var told = new ApplyOutput(output, error, colour: false, json);

        told.Add(new ApplyResult(new PlannedTable(new Plan([s_step, s_step, s_step], [], [], []), DesiredTable.Empty, []), [],
            new ApplyReport([s_step], []) { NotTried = [s_step, s_step] }));
        told.Close();

        Assert.Equal(ExitCode.AppliedInPart, told.Code);
        Assert.Equal("lvsctl: stopped: 1 done, 0 failed, 2 not tried; 'lvsctl apply' goes on from here\n", error.ToString());
        if (json) Assert.Equal(2, JsonDocument.Parse(output.ToString()).RootElement.GetProperty("not_tried").GetArrayLength());
    }
}
