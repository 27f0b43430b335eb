#include "io/initial_weights.h"
#include "io/safetensors.h"

isb_status isb_initial_weights_read(isb_trainer *trainer, const isb_experiment *experiment,
                                    isb_error *error) {
    const char *path = experiment->model_weights;
    isb_tensors tensors;
    if (path == NULL)
        return ISB_OK;
    isb_status status = isb_safetensors_read(&tensors, NULL, path, false, error);
    if (status == ISB_OK)
        status = isb_trainer_import(trainer, &tensors, false, path, error);
    if (status == ISB_OK && experiment->scale_kind == ISB_SCALE_MODEL_WEIGHTS)
        status = isb_trainer_import_scaling(trainer, &tensors, path, error);
    isb_tensors_free(&tensors);
    return status;
}
